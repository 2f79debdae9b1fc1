import process from "node:process";
import { fileURLToPath } from "node:url";
import { runCommand } from "./commands.ts";

const sdk = fileURLToPath(import.meta.resolve("@orgtokens/sdk/secret-stores"));

/** A program and its arguments. */
export type CommandLine = readonly [program: string, ...words: string[]];

/** A process of its own that runs a script about `store`, a secret file, or what else it opens with `openFileSecretStore`. */
export function fileStoreProcess(path: string, script: string): CommandLine {
  const source = `import { openFileSecretStore } from ${JSON.stringify(sdk)};
    const store = openFileSecretStore({ path: ${JSON.stringify(path)} });
    ${script}`;
  return [process.execPath, "--input-type=module", "-e", source];
}

/** Runs a program to its end, with nothing in its environment but the PATH. */
export function runLine([program, ...words]: CommandLine) {
  return runCommand(program, words, { cwd: "/", environment: { PATH: process.env["PATH"] } });
}
