import type { Check, Finding } from "./check.ts";

interface Options {
  readonly root: string;
  /** Which checks to run; all of them when empty. */
  readonly names: readonly string[];
  readonly write: (text: string) => void;
}

/** What one check came to. */
interface Outcome {
  readonly findings: readonly Finding[];
  readonly durationMs: number;
}

/**
 * Runs checks side by side and tells of each, in order, by one line and its findings. Resolves to whether all held.
 * A check that could not do its work has not held.
 */
export async function runChecks(checks: readonly Check[], { root, names, write }: Options): Promise<boolean> {
  const unknown = names.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) {
    write(`There is no check ${unknown.join(", ")}. There are: ${checks.map(({ name }) => name).join(", ")}.\n`);
    return false;
  }
  const chosen = checks.filter(({ name }) => names.length === 0 || names.includes(name));
  const running = chosen.map((check) => ({ check, outcome: runCheck(check, root) }));
  let total = 0;
  for (const { check, outcome } of running) {
    const { findings, durationMs } = await outcome;
    total += findings.length;
    const tick = findings.length === 0 ? "✓" : "✗";
    const count = findings.length === 0 ? "" : `: ${findings.length} ${findings.length === 1 ? "finding" : "findings"}`;
    write(`${tick} ${check.name.padEnd(12)} ${check.promise}${count} (${(durationMs / 1000).toFixed(1)} s)\n`);
    for (const { place, message } of findings) write(`    ${place}  ${message}\n`);
  }
  write(total === 0 ? `${chosen.length} checks held.\n` : `${total} ${total === 1 ? "finding" : "findings"}.\n`);
  return total === 0;
}

async function runCheck(check: Check, root: string): Promise<Outcome> {
  const startedAtMs = performance.now();
  try {
    const findings = await check.run(root);
    return { findings, durationMs: performance.now() - startedAtMs };
  } catch (error) {
    const message = `could not be checked: ${error instanceof Error ? error.message : String(error)}`;
    return { findings: [{ place: check.name, message }], durationMs: performance.now() - startedAtMs };
  }
}
