import { existsSync, readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createWorkspace } from "../../../provider/testing/create-workspace.ts";
import type { Workspace } from "../../../provider/testing/workspace.ts";
import { testedEngine } from "../../support/engine.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const main = fileURLToPath(new URL("./fixtures/main.ts", import.meta.url));

/** A working directory with the example provider, whose world is a folder. */
export interface AcmeWorkspace extends Workspace {
  /** The folder of the world. */
  readonly world: string;
  /** Whether the provider left word of an event. */
  happened(event: string): boolean;
  /** Every event that starts so, in alphabetical order. */
  events(start: string): readonly string[];
  /** What providers left of their sockets. */
  sockets(): readonly string[];
}

/** Makes one, removed after the test. */
export async function createAcmeWorkspace(): Promise<AcmeWorkspace> {
  const folder = await temporaryFolder();
  const world = join(folder, "world");
  const sockets = join(folder, "tmp");
  for (const path of [world, sockets]) await mkdir(path);
  const { name, program, parallelism } = testedEngine();
  const workspace = await createWorkspace({
    provider: { name: "acme", command: [process.execPath, main] },
    engine: { name, ...(program !== undefined && { program }) },
    folder,
    environment: { TMPDIR: sockets, ACME_FOLDER: world },
    ...(parallelism !== undefined && { parallelism }),
  });
  return {
    ...workspace,
    world,
    happened: (event) => existsSync(join(world, "events", event)),
    events: (start) => readdirSync(join(world, "events")).filter((event) => event.startsWith(start)),
    sockets: () => readdirSync(sockets).filter((entry) => entry.startsWith("plugin-")),
  };
}
