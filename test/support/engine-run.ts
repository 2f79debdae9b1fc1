// Vitest runs this once before the tests of each project that drives OpenTofu.
import process from "node:process";
import type { TestProject } from "vitest/node";
import { findOpenTofu } from "./opentofu.ts";

/** Finds or builds OpenTofu. */
export async function setup(project: TestProject): Promise<void> {
  const program = await findOpenTofu((line) => process.stdout.write(`${line}\n`));
  if (program === undefined) {
    process.stdout.write(
      "\nOPENTOFU CANNOT BE HAD: its tests are skipped. Install Go, with which it is built, or put its version on the PATH.\n\n",
    );
  }
  const { parallelism } = project.config.provide.engine ?? {};
  project.provide("engine", { name: "tofu", program, parallelism });
}
