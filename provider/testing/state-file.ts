import { readFile } from "node:fs/promises";

/** The attributes of one resource or data source, as the state has them. */
export type Attributes = Readonly<Record<string, unknown>>;

/** What a state file says of one resource or data source. */
export interface StateEntry {
  readonly attributes: Attributes;
  /** Whether the next apply destroys and creates it, because its creation failed half-way. */
  readonly isTainted: boolean;
}

/** Reads a state file: every entry by its address, such as `module.ci.notes_note.one["a"]`. Empty when there is no file. */
export async function readStateFile(path: string): Promise<ReadonlyMap<string, StateEntry>> {
  const json = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  // A command that was killed may leave an empty file.
  if (json === undefined || json === "") return new Map();
  return new Map(
    parseState(json).resources.flatMap((resource) =>
      resource.instances.map((instance) => [
        addressOf(resource, instance.index_key),
        { attributes: instance.attributes, isTainted: instance.status === "tainted" },
      ]),
    ),
  );
}

interface StateFile {
  readonly resources: readonly StateResource[];
}

interface StateResource {
  readonly module?: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  readonly instances: readonly {
    readonly index_key?: string | number;
    readonly attributes: Attributes;
    readonly status?: string;
  }[];
}

function addressOf({ module, mode, type, name }: StateResource, index: string | number | undefined): string {
  const inModule = module === undefined ? "" : `${module}.`;
  return `${inModule}${mode === "data" ? "data." : ""}${type}.${name}${index === undefined ? "" : `[${JSON.stringify(index)}]`}`;
}

/** The one place that trusts what the engine wrote. */
function parseState(json: string): StateFile {
  return JSON.parse(json) as StateFile;
}
