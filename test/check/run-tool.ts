import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { asObject, readJson } from "./tree.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** What a command-line tool said. */
export interface ToolOutcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command-line tool `name` of the installed package `packageName` in `folder`, on the Node that runs us.
 * Resolves whatever its status is; rejects when it does not end within `timeoutMs` or cannot be started.
 */
export async function runTool(
  packageName: string,
  name: string,
  words: readonly string[],
  { folder, timeoutMs = 120_000 }: { readonly folder: string; readonly timeoutMs?: number },
): Promise<ToolOutcome> {
  const description = `node_modules/${packageName}/package.json`;
  const { bin } = await readJson(repository, description);
  const script = typeof bin === "string" ? bin : asObject(bin)[name];
  if (typeof script !== "string") throw new Error(`${packageName} has no command ${name}`);
  return run([join(repository, dirname(description), script), ...words], folder, timeoutMs);
}

async function run(words: readonly string[], folder: string, timeoutMs: number): Promise<ToolOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<ToolOutcome>();
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.once("error", reject);
  child.once("close", (status, signal) => {
    if (status === null)
      reject(new Error(`${words[0]} was ended by ${signal ?? "a signal"} after at most ${timeoutMs} ms`));
    else resolve({ status, stdout, stderr });
  });
  return promise;
}
