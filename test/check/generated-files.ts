import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ConstructEngine, writeConstructPackage } from "./construct-packages.ts";
import { writeProviderDocs } from "./provider-docs.ts";
import { withShownFiles } from "./readme-examples.ts";
import { runTool } from "./run-tool.ts";

/** A file, or a folder, that a program writes from others. It is committed, and never edited by hand. */
export interface GeneratedFile {
  /** Where it lies, relative to the root. */
  readonly path: string;
  /** What it is made from, for a person. */
  readonly source: string;
  /** Writes it to `target` (absolute; its parent exists). The same sources give the same bytes, wherever it is written to. */
  readonly write: (root: string, target: string) => Promise<void>;
}

/** Everything that `npm run generate` writes and `npm run check` compares. A new one gets a line here. */
export const generatedFiles: readonly GeneratedFile[] = [
  { path: "sdk/src/openapi.d.ts", source: "openapi.yaml", write: writeContractTypes },
  constructPackage("cdktf"),
  constructPackage("cdktn"),
  { path: "provider/docs", source: "the provider's schema, its guides and examples", write: writeProviderDocs },
  { path: "README.md", source: "the examples it shows", write: showFilesIn("README.md") },
  { path: "provider/README.md", source: "the examples it shows", write: showFilesIn("provider/README.md") },
];

function constructPackage(engine: ConstructEngine): GeneratedFile {
  return {
    path: `provider/constructs/${engine}/generated`,
    source: "the provider's schema and provider/constructs/source",
    write: (root, target) => writeConstructPackage(engine, root, target),
  };
}

/** Everything else in the document is written by hand. */
function showFilesIn(path: string): GeneratedFile["write"] {
  return async (root, target) => {
    const document = await readFile(join(root, path), "utf8");
    await writeFile(target, await withShownFiles(root, document));
  };
}

async function writeContractTypes(root: string, target: string): Promise<void> {
  // Without the flag, a request member with a default would become required.
  const words = ["openapi.yaml", "--default-non-nullable=false", "--output", target];
  const { status, stdout, stderr } = await runTool("openapi-typescript", "openapi-typescript", words, { folder: root });
  if (status !== 0) throw new Error(`openapi-typescript failed: ${stdout}${stderr}`);
}
