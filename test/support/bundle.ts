import { writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

/** What a bundler makes of a program for browsers. */
export type Bundle = {
  /** Minified. */
  readonly code: string;
  readonly gzipBytes: number;
  /** What the code imports: nothing, or modules of Node, which no bundler can put in. */
  readonly imports: readonly string[];
  /** The modules of the SDK that are in it, with something of theirs, by their paths in the package. */
  readonly modules: readonly string[];
};

/** Bundles a module, given as its source, that stands in a folder where the SDK is installed. */
export async function bundle(folder: string, name: string, source: string): Promise<Bundle> {
  const input = join(folder, `${name}.js`);
  await writeFile(input, source);
  const built = await build({
    root: folder,
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: true,
      target: "es2024",
      rolldownOptions: { input, external: /^node:/u, preserveEntrySignatures: "strict" },
    },
  });
  if (!("output" in built)) throw new Error("Vite was asked for one bundle.");
  const chunks = built.output.filter((file) => file.type === "chunk");
  const [chunk] = chunks;
  if (chunk === undefined || chunks.length > 1) throw new Error(`${name} is in ${chunks.length} chunks.`);
  const packageFolder = join(folder, "node_modules/@orgtokens/sdk") + sep;
  return {
    code: chunk.code,
    gzipBytes: gzipSync(chunk.code).length,
    imports: [...chunk.imports, ...chunk.dynamicImports],
    modules: Object.entries(chunk.modules)
      .filter(([path, { renderedLength }]) => path.startsWith(packageFolder) && renderedLength > 0)
      .map(([path]) => path.slice(packageFolder.length)),
  };
}
