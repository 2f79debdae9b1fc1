// The closing words of a test run: every skip by name, then one line of totals. In CI a skip fails the run.
import process from "node:process";
import type { Reporter, TestModule, Vitest } from "vitest/node";

/** What a run came to. `skipped` names each test that did not run, as `file > suite > test`. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
}

/**
 * Vitest's summary counts files and tests side by side; this reporter comes last and ends the run with
 * `N passed, N failed`, so that a reader or a program finds the outcome on the last line.
 */
export function closingLine(environment: { readonly CI?: string | undefined } = process.env): Reporter {
  let vitest: Vitest | undefined;
  return {
    onInit(context) {
      vitest = context;
    },
    onTestRunEnd(modules, unhandledErrors) {
      const totals = countTests(modules, unhandledErrors.length);
      // Who asks for tests by name does not want to hear of the others.
      const selected = vitest?.config.testNamePattern !== undefined;
      for (const name of selected ? [] : totals.skipped) process.stdout.write(`SKIPPED ${name}\n`);
      process.stdout.write(`${formatTotals(totals)}\n`);
      if (!isAcceptable(totals, environment.CI)) process.exitCode = 1;
    },
  };
}

/** Counts tests. A file that does not load, a hook that fails and an unhandled error each count as one failure. */
export function countTests(modules: readonly TestModule[], unhandledErrors: number): Totals {
  let passed = 0;
  let failed = unhandledErrors;
  const skipped: string[] = [];
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") passed += 1;
      else if (state === "failed") failed += 1;
      else skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
    }
  }
  return { passed, failed, skipped };
}

/** The last line of a run. */
export function formatTotals({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped.length === 0 ? "" : `, ${skipped.length} skipped`}`;
}

/** Whether a run may end with success: something ran, nothing failed, and in CI nothing was left out. */
export function isAcceptable({ passed, failed, skipped }: Totals, ci: string | undefined): boolean {
  const strict = ci !== undefined && ci !== "" && ci !== "false" && ci !== "0";
  return failed === 0 && passed > 0 && !(strict && skipped.length > 0);
}
