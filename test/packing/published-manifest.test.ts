import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { nameCompiledFiles } from "./compile-package.ts";
import { publishedManifest } from "./published-manifest.ts";
import { replaceManifest, restoreManifest } from "./source-manifest.ts";

test("what is published names compiled files where the repository names sources, and no script", () => {
  const published = publishedManifest({
    name: "a",
    bin: { a: "./src/cli/main.ts" },
    exports: { ".": "./src/index.ts", "./deep": "./src/deep/index.ts", "./openapi": "./src/openapi.d.ts" },
    scripts: { prepack: "x" },
    devDependencies: { b: "1.0.0" },
    peerDependencies: { c: "^1.0.0" },
  });

  expect(published).toEqual({
    name: "a",
    bin: { a: "dist/cli/main.js" },
    exports: {
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./deep": { types: "./dist/deep/index.d.ts", default: "./dist/deep/index.js" },
      "./openapi": { types: "./dist/openapi.d.ts" },
    },
    files: ["dist"],
    peerDependencies: { c: "^1.0.0" },
  });
});

test("an entry point that would be missing in the package is not published", () => {
  expect(() => publishedManifest({ exports: { ".": "./index.ts" } })).toThrow(
    "./index.ts is no TypeScript file in src",
  );
});

test("the package.json of the repository comes back as it was, also after a packing that was killed, and once only", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "package.json");
  await writeFile(path, '{ "name":  "a" }\n');

  await replaceManifest(folder, { name: "published" });
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ name: "published" });

  await restoreManifest(folder);
  expect(await readFile(path, "utf8")).toBe('{ "name":  "a" }\n');
  await restoreManifest(folder);
  expect(await readFile(path, "utf8")).toBe('{ "name":  "a" }\n');
});

test("declarations name compiled files, wherever they import from", () => {
  const declarations = `import type { A } from "./a.ts"; export type B = import("../b.ts").B; export * from "./openapi.d.ts"; import "c.ts";`;

  expect(nameCompiledFiles(declarations)).toBe(
    `import type { A } from "./a.js"; export type B = import("../b.js").B; export * from "./openapi.js"; import "c.ts";`,
  );
});
