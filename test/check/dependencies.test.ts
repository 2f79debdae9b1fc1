import { expect, test } from "vitest";
import { checkDependencies } from "./dependencies.ts";
import { writeTree } from "./write-tree.ts";

const root = { name: "root", workspaces: ["a"], devDependencies: { vitest: "5.1.1" } };

async function check(
  manifests: { readonly root?: object; readonly a?: object },
  sources: { readonly [path: string]: string },
) {
  const folder = await writeTree({
    "package.json": JSON.stringify({ ...root, ...manifests.root }),
    "a/package.json": JSON.stringify({ name: "@x/a", ...manifests.a }),
    "test/a.test.ts": 'import { test } from "vitest";\n',
    ...sources,
  });
  return checkDependencies(folder);
}

test("a package that is imported but not declared is found", async () => {
  expect(await check({}, { "a/a.ts": 'import { z } from "zod/mini";\nimport "node:fs";\n' })).toEqual([
    { place: "a/a.ts:1", message: "zod is not declared in a/package.json" },
  ]);
});

test("a package that is declared but not imported is found", async () => {
  const manifests = {
    a: { dependencies: { "@s/zod": "1.2.3" } },
    root: { devDependencies: { vitest: "5.1.1", tool: "1.0.0" } },
  };
  expect(await check(manifests, {})).toEqual([
    { place: "package.json", message: "tool is declared but nothing imports it" },
    { place: "a/package.json", message: "@s/zod is declared but nothing imports it" },
  ]);
});

test("a range of versions is found, except for a peer", async () => {
  const a = { dependencies: { zod: "^1.2.3" }, peerDependencies: { cdktf: "^0.21.0" } };
  expect(await check({ a }, { "a/a.ts": 'import "zod";\nimport type {} from "cdktf";\n' })).toEqual([
    { place: "a/package.json", message: "zod: ^1.2.3 is not one exact version" },
  ]);
});

test("a test may import what any workspace declares, a workspace only its own", async () => {
  const a = { dependencies: { zod: "1.2.3" } };
  const sources = {
    "a/a.ts": 'import "zod";\nimport "vitest";\nimport "@x/a";\n',
    "test/b.test.ts": 'import "zod";\nimport "@x/a";\n',
  };
  expect(await check({ a }, sources)).toEqual([
    { place: "a/a.ts:2", message: "vitest is not declared in a/package.json" },
  ]);
});

test("a package that a workspace installs for one it depends on, which has it as a peer, is not in vain", async () => {
  const peer = { name: "@x/a", peerDependencies: { zod: "^1.2.3" } };
  const b = { name: "@x/b", dependencies: { "@x/a": "1.0.0", zod: "1.2.3" } };
  const sources = { "a/a.ts": 'import "zod";\n', "b/b.ts": 'import "@x/a";\n', "b/package.json": JSON.stringify(b) };
  expect(await check({ root: { workspaces: ["a", "b"] }, a: peer }, sources)).toEqual([]);
  const unrelated = { ...sources, "b/package.json": JSON.stringify({ name: "@x/b", dependencies: { zod: "1.2.3" } }) };
  expect(await check({ root: { workspaces: ["a", "b"] }, a: peer }, unrelated)).toContainEqual({
    place: "b/package.json",
    message: "zod is declared but nothing imports it",
  });
});
