import { describe, expect, test } from "vitest";
import { checkImports, findForbiddenImports, importTable } from "./import-table.ts";
import { writeTree } from "./write-tree.ts";

describe("an import against the table is found", () => {
  test.each([
    [
      "server/domain/a.ts",
      'import { a } from "../database/b.ts";',
      "server/domain may not import from server/database",
    ],
    [
      "server/domain/a.ts",
      'import { DatabaseSync } from "node:sqlite";',
      "only server/database may import node:sqlite",
    ],
    [
      "server/domain/a.ts",
      'import { readFile } from "node:fs/promises";',
      "server/domain may not import node:fs/promises",
    ],
    [
      "server/operations/a.ts",
      'import type { FastifyReply } from "fastify";',
      "server/operations may not import fastify",
    ],
    [
      "server/operations/a.ts",
      'import { paths } from "@orgtokens/sdk/openapi";',
      "may import types of @orgtokens/sdk/openapi only",
    ],
    ["server/http/a.ts", 'import { sql } from "kysely";', "server/http may not import kysely"],
    ["server/database/a.ts", 'export { b } from "../http/b.ts";', "server/database may not import from server/http"],
    ["sdk/src/a.ts", 'import { b } from "./delivery/b.ts";', "sdk/src may not import from sdk/src/delivery"],
    ["sdk/src/a.ts", 'import { b } from "../../server/domain/b.ts";', "sdk/src may not import from server/domain"],
    ["provider/framework/a.ts", 'const b = await import("../protocol/b.ts");', "may not import from provider/protocol"],
    ["provider/resources/a.ts", 'type B = import("../protocol/b.ts").B;', "may not import from provider/protocol"],
    ["provider/resources/a.ts", 'import { decode } from "@msgpack/msgpack";', "may not import @msgpack/msgpack"],
    [
      "provider/resources/a.ts",
      'import { connect } from "node:http2";',
      "only provider/protocol, provider/testing may import node:http2",
    ],
    [
      "sdk/src/secret-stores/a.ts",
      'import { SecretManagerServiceClient } from "@google-cloud/secret-manager";',
      "may load @google-cloud/secret-manager when it is needed only",
    ],
    ["examples/demo/a.ts", 'import { buildApp } from "../../server/app.ts";', "may not import from server/app.ts"],
    ["examples/demo/a.ts", 'import { b } from "../sdk/b.ts";', "may not import from examples/*"],
    ["server/app.ts", 'import "./register.ts";', "importing ./register.ts for its side effects"],
    ["server/app.ts", "const a = await import(name);", "an import must name its module"],
    ["tools/a.ts", "export {};", "lies in no room"],
  ])("%s: %s", (path, text, message) => {
    expect(findForbiddenImports({ path, text })).toEqual([
      { place: expect.stringMatching(path), message: expect.stringContaining(message) },
    ]);
  });
});

test("imports within the table pass", () => {
  const allowed = [
    ["server/http/a.ts", 'import fastify from "fastify"; import type { paths } from "@orgtokens/sdk/openapi";'],
    ["server/operations/a.ts", 'import { a } from "../domain/a.ts"; import { b } from "./b.ts";'],
    ["provider/protocol/a.ts", 'import http2 from "node:http2"; import { Value } from "../framework/value.ts";'],
    ["examples/demo/a.ts", 'import { createClient } from "@orgtokens/sdk"; import { b } from "./b.ts";'],
    [
      "sdk/src/secret-stores/a.ts",
      'import type { b } from "@google-cloud/secret-manager"; const c = await import("@google-cloud/secret-manager");',
    ],
    ["test/server/a.test.ts", 'import { sql } from "kysely"; import { a } from "../../server/app.ts";'],
    [
      "server/domain/a.ts",
      '/** @example import { Kysely } from "kysely"; */ export const a = "import x from \\"fastify\\"";',
    ],
  ] as const;
  expect(allowed.flatMap(([path, text]) => findForbiddenImports({ path, text }))).toEqual([]);
});

test("the sources of a tree are read, generated ones excepted", async () => {
  const root = await writeTree({
    "server/domain/a.ts": 'import fastify from "fastify";\n',
    "server/domain/generated/a.ts": 'import fastify from "fastify";\n',
    "server/domain/b.d.ts": '/* This file was auto-generated. */\nimport fastify from "fastify";\n',
    "node_modules/a/a.ts": 'import fastify from "fastify";\n',
  });
  expect(await checkImports(root)).toEqual([
    { place: "server/domain/a.ts:1", message: "server/domain may not import fastify" },
  ]);
});

test("no room is named twice", () => {
  const names = importTable.map(({ room }) => room);
  expect(names).toEqual([...new Set(names)]);
});
