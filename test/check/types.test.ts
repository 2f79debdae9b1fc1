import { expect, test } from "vitest";
import { checkTypes } from "./types.ts";
import { writeTree } from "./write-tree.ts";

const tsconfig = JSON.stringify({ compilerOptions: { strict: true, noEmit: true, types: [] }, include: ["*.ts"] });

test("a source that does not type-check is found at its line", async () => {
  const root = await writeTree({
    "tsconfig.json": tsconfig,
    "a.ts": 'export const a = 1;\nexport const b: number = "two";\n',
  });
  expect(await checkTypes(root)).toEqual([{ place: "a.ts:2", message: expect.stringContaining("TS2322") }]);
}, 60_000);

test("a source that type-checks gives no findings", async () => {
  expect(await checkTypes(await writeTree({ "tsconfig.json": tsconfig, "a.ts": "export const a = 1;\n" }))).toEqual([]);
}, 60_000);

test("a project that cannot be read is found, not passed", async () => {
  expect(await checkTypes(await writeTree({ "tsconfig.json": tsconfig }))).toEqual([
    { place: "tsconfig.json", message: expect.stringContaining("No inputs were found") },
  ]);
}, 60_000);
