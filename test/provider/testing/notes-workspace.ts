import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createWorkspace, type Workspace, type WorkspaceOptions } from "@orgtokens/provider/testing";
import { testedEngine } from "../../support/engine.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** What starts the provider of `examples/provider`. */
export const notesCommand = [
  process.execPath,
  fileURLToPath(new URL("../../../examples/provider/main.ts", import.meta.url)),
] as const;

/** A working directory with the example provider. */
export interface NotesWorkspace extends Workspace {
  /** Where its notes are. */
  readonly notes: string;
  /** Declares one note. */
  declare(attributes: string): Promise<void>;
}

/** Makes one, removed after the test. */
export async function createNotesWorkspace(options: Partial<WorkspaceOptions> = {}): Promise<NotesWorkspace> {
  const folder = await temporaryFolder();
  const notes = join(folder, "notes");
  await mkdir(notes);
  const { name, program, parallelism } = testedEngine();
  const workspace = await createWorkspace({
    provider: { name: "notes", source: "example/notes", command: notesCommand },
    engine: { name, ...(program !== undefined && { program }) },
    ...(parallelism !== undefined && { parallelism }),
    folder,
    ...options,
  });
  const provider = `provider "notes" {\n  folder = ${JSON.stringify(notes)}\n}\n`;
  return {
    ...workspace,
    notes,
    declare: (attributes) => workspace.write(`${provider}resource "notes_note" "one" {\n${attributes}\n}\n`),
  };
}
