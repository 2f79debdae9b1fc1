import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { closingLine } from "./support/reporter.ts";
import { SlowFirst } from "./support/slow-first.ts";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["test/**/*.test.ts"],
    // Processes, not threads: tests start and kill real servers, and a signal or an exit must not reach another test file.
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: SlowFirst, hooks: "stack" },
    // A test that runs Terraform names its own, longer limit.
    testTimeout: 15_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    passWithNoTests: false,
    reporters: ["default", closingLine()],
  },
});
