import { expect, test } from "vitest";
import { checkSize, findLong } from "./size.ts";
import { writeTree } from "./write-tree.ts";

const statements = (count: number) => "  step();\n".repeat(count);

test("a file of more than 300 lines is found", () => {
  expect(findLong({ path: "a.ts", text: "step();\n".repeat(301) })).toEqual([
    { place: "a.ts", message: expect.stringContaining("has 301 lines") },
  ]);
  expect(findLong({ path: "a.ts", text: "step();\n".repeat(300) })).toEqual([]);
});

test("a function of more than 60 lines is found where it starts", () => {
  expect(findLong({ path: "a.ts", text: `\nfunction a() {\n${statements(59)}}\n` })).toEqual([
    { place: "a.ts:2", message: expect.stringContaining("has 61 lines") },
  ]);
  expect(findLong({ path: "a.ts", text: `const a = () => {\n${statements(58)}};\n` })).toEqual([]);
});

test("the functions inside a function, and the tests inside a suite, are counted on their own", () => {
  const method = `  b() {\n${statements(40)}  },\n`;
  expect(findLong({ path: "a.ts", text: `function a() {\n  return {\n${method}${method}  };\n}\n` })).toEqual([]);
  expect(findLong({ path: "a.ts", text: `describe("a", () => {\n${statements(80)}});\n` })).toEqual([]);
});

test("a file that says why it is long is left alone", () => {
  expect(
    findLong({ path: "a.ts", text: `// The messages of the protocol. long: one table\n${"step();\n".repeat(400)}` }),
  ).toEqual([]);
});

test("a word that ends a clause is no reason, and a reason excuses no function", () => {
  const long = "step();\n".repeat(400);
  expect(findLong({ path: "a.ts", text: `/** Who we are, and for how long: each way. */\n${long}` })).toHaveLength(1);
  const withFunction = `// long: one table\nfunction a() {\n${statements(80)}}\n${long}`;
  expect(findLong({ path: "a.ts", text: withFunction })).toEqual([
    { place: "a.ts:2", message: expect.stringContaining("has 82 lines") },
  ]);
});

test("a tree is read", async () => {
  expect(await checkSize(await writeTree({ "server/a.ts": "step();\n".repeat(301) }))).toHaveLength(1);
});
