import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { inheritedEnvironment } from "../../provider/testing/inherited-environment.ts";
import { type CommandResult, runCommand } from "./commands.ts";
import type { ServerProcess } from "./server-process.ts";

const main = fileURLToPath(new URL("../../sdk/src/cli/main.ts", import.meta.url));

/** The words that run the `orgtokens` command. */
export const orgtokensWords: readonly string[] = [process.execPath, main];

/** The environment of somebody who uses a server. */
export function environmentOf(server: ServerProcess): NodeJS.ProcessEnv {
  return {
    ...inheritedEnvironment(),
    ORGTOKENS_ENDPOINT: server.endpoint,
    ORGTOKENS_API_TOKEN: server.adminToken,
  };
}

/** Runs the `orgtokens` command as a process, with nothing in its environment but what is given, and without a terminal. */
export function runOrgtokens(
  folder: string,
  environment: NodeJS.ProcessEnv,
  ...words: readonly string[]
): Promise<CommandResult> {
  return runCommand(process.execPath, [main, ...words], { cwd: folder, environment, timeoutMs: 60_000 });
}

/** A command that runs. */
export type RunningOrgtokens = {
  readonly result: Promise<CommandResult>;
  /** Ctrl-C; resolves when the process has ended. */
  interrupt(): Promise<void>;
};

/** Starts the `orgtokens` command as {@link runOrgtokens} does. */
export function startOrgtokens(
  folder: string,
  environment: NodeJS.ProcessEnv,
  ...words: readonly string[]
): RunningOrgtokens {
  let child: ChildProcess | undefined;
  const onStart = (started: ChildProcess) => {
    child = started;
  };
  const result = runCommand(process.execPath, [main, ...words], {
    cwd: folder,
    environment,
    timeoutMs: 60_000,
    onStart,
  });
  return {
    result,
    async interrupt() {
      if (child === undefined || child.exitCode !== null) return;
      child.kill("SIGINT");
      await once(child, "exit");
    },
  };
}
