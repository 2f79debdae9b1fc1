import { performance } from "node:perf_hooks";

/** Where a report is written, and whether it may use colours. */
export type ReportOutput = { readonly write: (text: string) => void; readonly colours: boolean };

/** A demo that shows one step after the other, and counts what it claims. */
export interface Report {
  /** Runs one step, and prints its title with a tick or a cross and the time it took. A failure is printed and thrown. */
  step<T>(title: string, run: () => Promise<T>): Promise<T>;
  /** States something inside a step; a false one fails the step with the evidence. */
  claim(text: string, holds: boolean, evidence?: () => string): void;
  /** Shows lines, such as a table, under the current step. */
  show(lines: readonly string[]): void;
  /** How many claims held. */
  readonly claims: number;
}

/** A claim that did not hold. */
export class ClaimError extends Error {
  override readonly name = "ClaimError";
}

/**
 * Makes a report.
 *
 * @param output where it goes; colours only when the output says so.
 * @param nowMs milliseconds from any origin, for the timings.
 */
export function createReport(output: ReportOutput, nowMs: () => number = () => performance.now()): Report {
  const paint = (code: number, text: string) => (output.colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const startedMs = nowMs();
  let stepNumber = 0;
  let claims = 0;
  let pending: string[] = [];
  return {
    get claims() {
      return claims;
    },
    show(lines) {
      pending.push(...lines.map((line) => `      ${line}`));
    },
    claim(text, holds, evidence) {
      pending.push(`    ${holds ? paint(32, "✓") : paint(31, "✗")} ${text}`);
      if (!holds) throw new ClaimError(evidence === undefined ? text : `${text}\n${evidence()}`);
      claims += 1;
    },
    async step(title, run) {
      stepNumber += 1;
      pending = [];
      const beganMs = nowMs();
      const finish = (mark: string) => {
        const seconds = ((nowMs() - beganMs) / 1000).toFixed(1);
        const total = ((nowMs() - startedMs) / 1000).toFixed(0);
        output.write(`${mark} ${paint(1, `${stepNumber}. ${title}`)} ${paint(2, `${seconds} s (${total} s)`)}\n`);
        for (const line of pending) output.write(`${line}\n`);
        output.write("\n");
      };
      try {
        const result = await run();
        finish(paint(32, "✓"));
        return result;
      } catch (error) {
        finish(paint(31, "✗"));
        output.write(`  ${paint(31, "failed:")} ${error instanceof Error ? error.message : String(error)}\n\n`);
        throw error;
      }
    },
  };
}
