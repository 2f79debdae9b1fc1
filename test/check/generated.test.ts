import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkGenerated, generate } from "./generated.ts";
import { type GeneratedFile, generatedFiles } from "./generated-files.ts";
import { writeTree } from "./write-tree.ts";

const contract = [
  "openapi: 3.1.0",
  "info: { title: a, version: '1' }",
  "paths: {}",
  "components: { schemas: { A: { type: object, properties: { b: { type: string, default: c } } } } }",
].join("\n");

test("a hand edit of a generated file is found, and undone by generating", async () => {
  const root = await writeTree({ "openapi.yaml": contract });
  for (const file of generatedFiles.slice(0, 1)) await generate(root, file);
  expect(await checkGenerated(root, generatedFiles.slice(0, 1))).toEqual([]);

  const path = join(root, "sdk/src/openapi.d.ts");
  const written = await readFile(path, "utf8");
  await writeFile(path, written.replace("b?: string", "b: string"));
  expect(await checkGenerated(root, generatedFiles.slice(0, 1))).toEqual([
    { place: "sdk/src/openapi.d.ts", message: expect.stringContaining("is not what its sources give") },
  ]);

  for (const file of generatedFiles.slice(0, 1)) await generate(root, file);
  expect(await readFile(path, "utf8")).toBe(written);
}, 30_000);

test("in a generated folder, a missing file and one that is left over are found", async () => {
  const folder: GeneratedFile = {
    path: "bindings",
    source: "a list",
    async write(_root, target) {
      await generateFolder(target, ["a.ts", "b/c.ts"]);
    },
  };
  const root = await writeTree({ "bindings/a.ts": "a.ts", "bindings/old.ts": "old.ts" });
  expect(await checkGenerated(root, [folder])).toEqual([
    { place: "bindings/old.ts", message: expect.stringContaining("is no longer generated") },
    { place: "bindings/b/c.ts", message: expect.stringContaining("is missing") },
  ]);
  await generate(root, folder);
  expect(await checkGenerated(root, [folder])).toEqual([]);
});

test("a generator that fails leaves what was there", async () => {
  const root = await writeTree({ "a.txt": "before" });
  const failing: GeneratedFile = {
    path: "a.txt",
    source: "nothing",
    write: () => Promise.reject(new Error("no luck")),
  };
  await expect(generate(root, failing)).rejects.toThrow("no luck");
  expect(await readFile(join(root, "a.txt"), "utf8")).toBe("before");
});

async function generateFolder(target: string, paths: readonly string[]): Promise<void> {
  await cp(await writeTree(Object.fromEntries(paths.map((path) => [path, path]))), target, { recursive: true });
}
