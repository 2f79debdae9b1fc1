import { fileURLToPath } from "node:url";
import { createWorkspace as createWorkspaceFor } from "../../provider/testing/create-workspace.ts";
import type { Workspace as ProviderWorkspace } from "../../provider/testing/workspace.ts";
import { testedEngine } from "./engine.ts";

const launcher = fileURLToPath(new URL("../../provider/terraform-provider-orgtokens", import.meta.url));

/** What a workspace runs with. */
export interface WorkspaceOptions {
  readonly folder: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** A working directory with the provider of this repository, and the engine this run is about. */
export interface Workspace extends ProviderWorkspace {
  /** Whether a plan is empty; throws when planning fails. */
  isSettled(): Promise<boolean>;
  /** The attributes of a resource in the state; undefined when it is not there. */
  attributes(address: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

/** Makes a working directory below `folder`. */
export async function createWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const { folder, environment } = options;
  const { name, program, parallelism } = testedEngine();
  const workspace = await createWorkspaceFor({
    provider: { name: "orgtokens", command: [launcher] },
    engine: { name, ...(program !== undefined && { program }) },
    folder,
    ...(environment !== undefined && { environment }),
    ...(parallelism !== undefined && { parallelism }),
  });
  return { ...workspace, isSettled: workspace.planIsEmpty, attributes: workspace.state };
}
