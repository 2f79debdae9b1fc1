import { expect, test } from "vitest";
import { checkLint } from "./lint.ts";
import { writeTree } from "./write-tree.ts";

test("each broken rule is found at its line", async () => {
  const root = await writeTree({
    "any.ts": "export function anything(value: any): void {\n  console.log(value);\n}\n",
    "bang.ts": "export function first(list: readonly string[]): string {\n  return list[0]!;\n}\n",
    "unused.ts": "const nobody = 1;\nexport const somebody = 2;\n",
    "types.ts": 'import { Value } from "./value.ts";\n\nexport type Values = readonly Value[];\n',
  });
  expect(await checkLint(root)).toEqual([
    { place: "any.ts:1", message: expect.stringContaining("noExplicitAny") },
    { place: "bang.ts:2", message: expect.stringContaining("noNonNullAssertion") },
    { place: "types.ts:1", message: expect.stringContaining("useImportType") },
    { place: "unused.ts:1", message: expect.stringContaining("noUnusedVariables") },
  ]);
});

test("a file in another format is found, with the command that repairs it", async () => {
  const root = await writeTree({ "server/a.ts": "export const a = 'one'\n" });
  expect(await checkLint(root)).toEqual([
    { place: "server/a.ts", message: "is not formatted; repair by: npm run format -- server/a.ts" },
  ]);
});

test("generated files are left as their generator writes them", async () => {
  const root = await writeTree({
    "a.ts": "export const a = 1;\n",
    "sdk/src/openapi.d.ts": "export type A = any\n",
    "provider/constructs/cdktf/generated/index.ts": "export const a = 'any' as any\n",
  });
  expect(await checkLint(root)).toEqual([]);
});
