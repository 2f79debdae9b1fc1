import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** What a finished command left behind. */
export type CommandResult = { readonly exitCode: number; readonly output: string };

/** Runs commands, and knows which ones still run so that all of them can be ended. */
export interface Processes {
  /**
   * Runs a command to its end; stdout and stderr together are `output`.
   * @throws Error when it cannot be started or takes longer than `timeoutMs`.
   */
  run(command: string, args: readonly string[], options: RunOptions): Promise<CommandResult>;
  /** Starts a command, and waits for the first line of its stdout that `ready` finds something in. */
  start<T>(command: string, args: readonly string[], options: StartOptions<T>): Promise<T>;
  /** Ends every process that still runs: SIGTERM, and SIGKILL after 5 s. No other one is started afterwards. */
  close(): Promise<void>;
}

/** Folder and environment of a command. */
export type RunOptions = {
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
};

/** How to tell that a started command is ready. */
export type StartOptions<T> = RunOptions & { readonly ready: (line: string) => T | undefined };

/** Makes a runner without processes. */
export function createProcesses(): Processes {
  const running = new Set<ChildProcess>();
  let isClosed = false;

  function launch(command: string, args: readonly string[], options: RunOptions): ChildProcess {
    if (isClosed) throw new Error(`${command} is not started any more`);
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // Ctrl-C reaches only us; close() then ends the others in order
    });
    running.add(child);
    child.once("close", () => running.delete(child));
    return child;
  }

  return {
    run(command, args, options) {
      return new Promise((resolve, reject) => {
        const child = launch(command, args, options);
        let output = "";
        const timer = setTimeout(() => {
          child.kill("SIGKILL");
          reject(new Error(`${command} ${args.join(" ")} took longer than ${options.timeoutMs ?? 60_000} ms`));
        }, options.timeoutMs ?? 60_000);
        child.stdout?.on("data", (chunk: Buffer) => {
          output += chunk.toString();
        });
        child.stderr?.on("data", (chunk: Buffer) => {
          output += chunk.toString();
        });
        child.once("error", reject);
        child.once("close", (code) => {
          clearTimeout(timer);
          resolve({ exitCode: code ?? 1, output });
        });
      });
    },
    start(command, args, options) {
      return new Promise((resolve, reject) => {
        const child = launch(command, args, options);
        let output = "";
        const timer = setTimeout(
          () => reject(new Error(`${command} was not ready in time:\n${output}`)),
          options.timeoutMs ?? 20_000,
        );
        child.stderr?.on("data", (chunk: Buffer) => {
          output += chunk.toString();
        });
        if (child.stdout !== null) {
          createInterface({ input: child.stdout }).on("line", (line) => {
            output += `${line}\n`;
            const found = options.ready(line);
            if (found === undefined) return;
            clearTimeout(timer);
            resolve(found);
          });
        }
        child.once("error", reject);
        child.once("close", (code) => {
          clearTimeout(timer);
          reject(new Error(`${command} ended with exit code ${code}:\n${output}`));
        });
      });
    },
    async close() {
      isClosed = true;
      await Promise.all(
        [...running].map(
          (child) =>
            new Promise<void>((resolve) => {
              child.once("close", () => resolve());
              child.kill("SIGTERM");
              setTimeout(() => child.kill("SIGKILL"), 5000).unref();
            }),
        ),
      );
    },
  };
}
