// Vitest runs this once before the tests of the project `kubernetes`.
import process from "node:process";
import type { TestProject } from "vitest/node";
import { findKubernetes, type KubernetesPrograms } from "./kubernetes.ts";

declare module "vitest" {
  interface ProvidedContext {
    kubernetes?: KubernetesPrograms | undefined;
  }
}

/** Finds, installs or builds what a control plane needs. */
export async function setup(project: TestProject): Promise<void> {
  const programs = await findKubernetes((line) => process.stdout.write(`${line}\n`));
  if (programs === undefined) {
    process.stdout.write(
      "\nKUBERNETES CANNOT BE HAD: its tests are skipped. Install Go, with which its API server is built, and Debian's package etcd-server.\n\n",
    );
  }
  project.provide("kubernetes", programs);
}
