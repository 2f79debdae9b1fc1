import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";

/** What a program left behind. */
export type ProgramResult = { readonly exitCode: number; readonly stdout: string };

/** How a program is run. */
export type ProgramRun = {
  readonly input: string;
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
};

/** Why a program did not come to an end of its own. The message holds nothing that it printed. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
  readonly code: "not_found" | "not_permitted" | "killed" | "too_much_output" | "input_not_read";

  constructor(code: ProgramError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** More than any secret or metadata has. In bytes. */
const maxOutputBytes = 65_536;
/** How long a program that is asked to end may take, in milliseconds. */
const endMs = 2_000;

/**
 * Runs a program, without a shell and without a terminal, to its end. What it is told goes to its standard input; what it prints as
 * an error is thrown away, because it can quote its input. When the signal comes, it ends with all that it has started.
 *
 * @throws ProgramError, or the signal's reason.
 */
export function runProgram([file = "", ...args]: readonly string[], run: ProgramRun): Promise<ProgramResult> {
  const { input, environment, signal } = run;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: { ...environment },
      stdio: ["pipe", "pipe", "ignore"],
      // Leads a process group, so that what it starts can be ended with it.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    let failure: unknown;
    const end = (reason: unknown) => {
      failure ??= reason;
      killGroup(child.pid, "SIGTERM");
      setTimeout(() => {
        // Also when the program itself has ended: what it has started may have not.
        killGroup(child.pid, "SIGKILL");
        child.stdout.destroy();
      }, endMs).unref();
    };
    const abort = () => end(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    child.stdout.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxOutputBytes) chunks.push(chunk);
      else end(new ProgramError("too_much_output", `it printed more than ${maxOutputBytes} bytes`));
    });
    child.stdin.on("error", () => {
      if (input !== "") failure ??= new ProgramError("input_not_read", "it did not read its standard input");
    });
    child.once("error", (error) => {
      signal.removeEventListener("abort", abort);
      reject(explainStart(error));
    });
    child.once("close", (exitCode, killedBy) => {
      signal.removeEventListener("abort", abort);
      if (signal.aborted) reject(signal.reason);
      // Its exit code says more than that it did not read.
      else if (failure !== undefined && (exitCode === 0 || exitCode === null)) reject(failure);
      else if (exitCode === null) reject(new ProgramError("killed", `it was ended by ${killedBy ?? "a signal"}`));
      else resolve({ exitCode, stdout: Buffer.concat(chunks).toString("utf8") });
    });
    child.stdin.end(input);
  });
}

function explainStart(error: Error): unknown {
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOENT") return new ProgramError("not_found", "there is no such program on the PATH");
  if (code === "EACCES") return new ProgramError("not_permitted", "it may not be executed");
  return error;
}

/** They may be gone already, or be somebody else's, such as behind `sudo`; then nobody waits for them. */
function killGroup(pid: number | undefined, signal: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, constants.signals[signal]);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM"))) throw error;
  }
}
