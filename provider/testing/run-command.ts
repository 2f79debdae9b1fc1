import { type ChildProcess, spawn } from "node:child_process";

/** What a finished command left behind. `output` is standard output and standard error as they came. */
export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly output: string;
}

/** Where and with which environment a command runs. */
export interface CommandOptions {
  readonly cwd: string;
  /** All of its environment variables: nothing is inherited. */
  readonly environment: NodeJS.ProcessEnv;
  /** Default 120 s. */
  readonly timeoutMs?: number;
  /** Told as soon as the process runs. It leads a process group of its own. */
  readonly onStart?: (child: ChildProcess) => void;
}

/**
 * Runs a command to its end.
 *
 * @throws Error when it cannot be started, or takes longer than `timeoutMs`; it is then killed with all it has started
 */
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
      killGroup(child);
      reject(new Error(`${command} ${args.join(" ")} took longer than ${timeoutMs} ms:\n${output}`));
    }, timeoutMs);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, stdout, output });
    });
    onStart?.(child);
  });
}

function killGroup(leader: ChildProcess): void {
  if (process.platform === "win32" || leader.pid === undefined) leader.kill("SIGKILL");
  else process.kill(-leader.pid, "SIGKILL");
}
