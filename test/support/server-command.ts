import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { inheritedEnvironment } from "../../provider/testing/inherited-environment.ts";
import { type CommandResult, runCommand } from "./commands.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const main = fileURLToPath(new URL("../../server/main.ts", import.meta.url));

/** An answer of a server process. `body` is undefined when there is none. */
export type ProcessAnswer = { readonly status: number; readonly text: string };

/** A server in a process of its own, which the test can signal and kill. */
export type RunningServer = {
  readonly endpoint: string;
  /** Sends one request. */
  send(method: string, path: string, token: string, body?: unknown): Promise<ProcessAnswer>;
  /** Sends a signal and waits for the end: the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  /** What it wrote on standard output so far. */
  output(): string;
  /** What it wrote on standard error so far. */
  log(): string;
};

/** Runs `orgtokens-server` to its end, with nothing in its environment but what is given and what every program inherits. */
export function runServerCommand(
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  return runCommand(process.execPath, [main, ...args], {
    cwd: folder,
    environment: { ...inheritedEnvironment(), ...environment },
    timeoutMs: 20_000,
  });
}

/** Initialises a database and gives its first Admin token. */
export async function initialiseDatabase(folder: string, database: string): Promise<string> {
  const names = ["--organization", "Test Ltd", "--admin-email", "ada@test.example"];
  const { exitCode, stdout, output } = await runServerCommand(folder, [
    "init",
    "--database",
    database,
    ...names,
    "--json",
  ]);
  const token = /"token":"(tok_\w+)"/.exec(stdout)?.[1];
  if (exitCode !== 0 || token === undefined) throw new Error(`init failed:\n${output}`);
  return token;
}

/**
 * Starts a server; it is killed when the test has finished, if it still runs then.
 * @param entry its `main.ts`; that of this repository when left out.
 */
export async function startServerProcess(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  entry = main,
): Promise<RunningServer> {
  const child = spawn(process.execPath, [entry, "start", ...args], {
    // Where it writes mail that no setting sends elsewhere.
    cwd: await temporaryFolder(),
    env: { ...inheritedEnvironment(), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [log, output] = ["", ""];
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  const endpoint = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      output += `${line}\n`;
      resolve(/http:\/\/\S+/.exec(line)?.[0] ?? line);
    });
    child.once("exit", () => reject(new Error(`The server ended:\n${log}`)));
  });
  return {
    endpoint,
    async send(method, path, token, body) {
      const response = await fetch(endpoint + path, {
        method,
        headers: { "X-API-KEY": token, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    },
    end: (signal) => endProcess(child, signal),
    output: () => output,
    log: () => log,
  };
}

/** Whether somebody accepts connections at the endpoint. */
export function isListening(endpoint: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(Number(new URL(endpoint).port), "127.0.0.1");
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
  return child.exitCode ?? child.signalCode;
}
