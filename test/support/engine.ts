import process from "node:process";
import { inject } from "vitest";

/** The engine that a run of the acceptance tests drives. Where none is named it is the `terraform` on the PATH. */
export interface TestedEngine {
  readonly name: "terraform" | "tofu";
  /** Undefined: on the PATH, or, of OpenTofu, not to be had. */
  readonly program?: string | undefined;
  readonly parallelism?: number | undefined;
}

declare module "vitest" {
  interface ProvidedContext {
    engine?: TestedEngine;
  }
}

/** The engine of this run. Generators ask outside of Vitest. */
export function testedEngine(): TestedEngine {
  return (process.env["VITEST"] === undefined ? undefined : inject("engine")) ?? { name: "terraform" };
}
