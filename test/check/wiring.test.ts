import { describe, expect, test } from "vitest";
import { checkWiring, findHiddenWiring } from "./wiring.ts";
import { writeTree } from "./write-tree.ts";

describe("wiring outside an entry file is found", () => {
  test.each([
    ["const port = process.env.PORT;", "process.env"],
    ['const port = process["env"].PORT;', "process.env"],
    ['import { env } from "node:process";', "process.env"],
    ["export default function a() {}\nexport default a;", "default export"],
    ["let count = 0;", "state that every caller shares"],
    ["export const pool = new Pool();", "an exported instance of Pool"],
  ])("%s", (text, message) => {
    expect(findHiddenWiring({ path: "server/http/a.ts", text })).toEqual([
      { place: expect.stringMatching(/^server\/http\/a\.ts:\d$/u), message: expect.stringContaining(message) },
    ]);
  });
});

test("an entry file may read the environment, and a table may be exported", () => {
  expect(findHiddenWiring({ path: "server/main.ts", text: "start(process.env);" })).toEqual([]);
  expect(findHiddenWiring({ path: "examples/demo/main.ts", text: "start(process.env);" })).toEqual([]);
  expect(findHiddenWiring({ path: "server/domain/a.ts", text: "export const known = new Set([1]);" })).toEqual([]);
});

test("what runs a credential plugin may hand the environment on, and nothing beside it may", () => {
  const text = "run({ env: { ...process.env, A: b } });";
  expect(findHiddenWiring({ path: "sdk/src/secret-stores/own-environment.ts", text })).toEqual([]);
  expect(findHiddenWiring({ path: "sdk/src/secret-stores/kubernetes/kubeconfig.ts", text })).toHaveLength(1);
});

test("a tree is read", async () => {
  const root = await writeTree({ "sdk/src/a.ts": "export const home = process.env.HOME;\n" });
  expect(await checkWiring(root)).toHaveLength(1);
});
