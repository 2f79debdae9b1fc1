import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Client, createClient } from "@orgtokens/sdk";
import { inheritedEnvironment } from "../../provider/testing/inherited-environment.ts";
import { runCommand } from "./commands.ts";

const main = fileURLToPath(new URL("../../server/main.ts", import.meta.url));

/** A real server in a process of its own, over a SQLite file. */
export type ServerProcess = {
  readonly endpoint: string;
  readonly adminToken: string;
  /** A client with the Admin token. */
  readonly admin: Client;
  /** Whether the server accepts a token, as any HTTP client finds out; otherwise the problem code. */
  answer(token: string): Promise<string>;
  /** Everything it logged so far. */
  log(): string;
  /** Everything it printed on standard output so far. */
  printed(): string;
  close(): Promise<void>;
};

/** Initialises a database in `folder` and starts the server, with more `flags`, on a free port of the loopback address. */
export async function startServer(folder: string, flags: readonly string[] = []): Promise<ServerProcess> {
  const database = join(folder, "orgtokens.sqlite");
  const environment = { ...inheritedEnvironment() };
  const node = (...args: readonly string[]) =>
    runCommand(process.execPath, [main, ...args], { cwd: folder, environment });
  const initialised = await node(
    "init",
    "--database",
    database,
    "--organization",
    "Test Ltd",
    "--admin-email",
    "ada@test.example",
    "--json",
  );
  if (initialised.exitCode !== 0) throw new Error(`init failed:\n${initialised.output}`);
  const { token: adminToken } = parseInitialised(initialised.stdout);
  const child = spawn(
    process.execPath,
    [main, "start", "--database", database, "--port", "0", "--json-logs", ...flags],
    {
      cwd: folder,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  // Whoever forgets to close it leaves nothing running.
  process.once("exit", () => child.kill("SIGKILL"));
  let log = "";
  let printed = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  const endpoint = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      printed += `${line}\n`;
      const address = /http:\/\/\S+/.exec(line)?.[0];
      if (address !== undefined) resolve(address);
    });
    child.once("exit", () => reject(new Error(`The server ended:\n${log}`)));
  });
  return {
    endpoint,
    adminToken,
    admin: createClient({ endpoint, apiToken: adminToken }),
    async answer(token) {
      const response = await fetch(`${endpoint}/v2/me`, { headers: { "X-API-KEY": token } });
      if (response.ok) return "accepted";
      return parseCode(await response.json());
    },
    log: () => log,
    printed: () => printed,
    async close() {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

function parseInitialised(json: string): { readonly token: string } {
  const answer: unknown = JSON.parse(json);
  if (typeof answer !== "object" || answer === null || !("token" in answer)) throw new Error("init printed no token");
  return { token: String(answer.token) };
}

function parseCode(problem: unknown): string {
  return typeof problem === "object" && problem !== null && "code" in problem ? String(problem.code) : "no code";
}
