import { type ChildProcess, spawn } from "node:child_process";

/** What a finished command left behind. `output` is standard output and standard error as they came. */
export type CommandResult = { readonly exitCode: number | null; readonly stdout: string; readonly output: string };

/** Where and with which environment a command runs. */
export type CommandOptions = {
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Default 120 s. */
  readonly timeoutMs?: number;
  /** Told as soon as the process runs. */
  readonly onStart?: (child: ChildProcess) => void;
};

/** Runs a command to its end; one that takes too long is killed, and fails. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { cwd, environment, timeoutMs = 120_000, onStart } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: environment, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let stdout = "";
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${command} ${args.join(" ")} took longer than ${timeoutMs} ms:\n${output}`));
    }, timeoutMs);
    child.once("error", reject);
    child.once("close", (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, stdout, output });
    });
    onStart?.(child);
  });
}
