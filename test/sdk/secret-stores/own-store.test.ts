/** A store that somebody else writes, with the SDK's public entries only, and its test as they would run it. */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { secretStoreCases } from "@orgtokens/sdk/secret-stores/conformance";
import { expect, test } from "vitest";
import { runCommand } from "../../support/commands.ts";

test("the example of a store of one's own passes the published suite in Node's own test runner", async () => {
  const file = fileURLToPath(new URL("../../../examples/secret-stores/map-store.test.ts", import.meta.url));
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...environment } = process.env;
  const run = { cwd: process.cwd(), environment, timeoutMs: 50_000 };
  const { output, exitCode } = await runCommand(process.execPath, ["--test", "--test-reporter=tap", file], run);
  const cases = secretStoreCases(() => Promise.reject(new Error("none")));
  // What the store says that it has not is shown, with the reason.
  const skipped = cases.filter(({ subject }) => ["rights", "faults"].includes(subject)).length;
  expect(output).toContain(`# pass ${cases.length - skipped}`);
  expect(output).toContain(`# skipped ${skipped}`);
  expect(output.match(/ # SKIP A map (?:has no rights|is in this process)\./g)).toHaveLength(skipped);
  expect(output).toContain("# fail 0");
  expect(exitCode).toBe(0);
}, 60_000);
