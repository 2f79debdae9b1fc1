// What of a package.json of this repository, whose entry points are TypeScript sources, is published: compiled files.
import { asObject, type JsonObject } from "../check/tree.ts";

/** What only development in the repository needs. */
const developmentOnly: ReadonlySet<string> = new Set(["scripts", "devDependencies", "private"]);

/**
 * The manifest to publish: each entry point in `src` becomes the declarations and the compiled file of the same name in `dist`, each
 * command the compiled file. Everything else stays.
 *
 * @throws when an entry point is no TypeScript file in `src`: it would be missing in the package.
 */
export function publishedManifest(manifest: JsonObject): JsonObject {
  const kept = Object.entries(manifest).filter(([name]) => !developmentOnly.has(name));
  const bin = Object.entries(asObject(manifest["bin"])).map(([name, source]) => [name, scriptOf(stemOf(source))]);
  const exports = Object.entries(asObject(manifest["exports"])).map(([name, source]) => [name, entryOf(source)]);
  return {
    ...Object.fromEntries(kept),
    ...(bin.length > 0 && { bin: Object.fromEntries(bin) }),
    exports: Object.fromEntries(exports),
    files: ["dist"],
  };
}

function entryOf(source: unknown): JsonObject {
  const stem = stemOf(source);
  const types = `./dist/${stem}.d.ts`;
  // Types without a program: whoever imports more of it than types is told so.
  if (String(source).endsWith(".d.ts")) return { types };
  return { types, default: `./${scriptOf(stem)}` };
}

function scriptOf(stem: string): string {
  return `dist/${stem}.js`;
}

function stemOf(source: unknown): string {
  const stem = /^\.\/src\/(.+?)(?:\.d)?\.ts$/u.exec(String(source))?.[1];
  if (stem === undefined) throw new Error(`${String(source)} is no TypeScript file in src, so it cannot be published.`);
  return stem;
}
