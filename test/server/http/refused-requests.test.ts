import { expect, test } from "vitest";
import { changesNothing, createTestApp, parseProblem, type TestCall } from "../../support/app.ts";
import { buildToken } from "../../support/builders.ts";

const valid = { label: "CI", role: "developer" };

/** A request for an operation, and what is told about which place. */
type BadRequest = readonly [
  what: string,
  operationId: "createApiToken" | "listApiTokens" | "getApiToken",
  call: TestCall,
  pointer: string,
  code: string,
];

const control = (character: string): string => `CI${character}CD`;

const badRequests: readonly BadRequest[] = [
  ["an unknown field", "createApiToken", { body: { ...valid, scope: "x" } }, "/body/scope", "field_unknown"],
  [
    "a field named like a prototype",
    "createApiToken",
    { body: JSON.parse('{"label":"CI","role":"admin","__proto__":{}}') },
    "/body/__proto__",
    "field_unknown",
  ],
  ["a missing field", "createApiToken", { body: { role: "developer" } }, "/body/label", "field_required"],
  [
    "an id in a list that is none",
    "listApiTokens",
    { query: { id: ["0".repeat(24), "x"] } },
    "/query/id/1",
    "id_malformed",
  ],
  ["a label that is no text", "createApiToken", { body: { ...valid, label: 7 } }, "/body/label", "type_wrong"],
  ["a label that is null", "createApiToken", { body: { ...valid, label: null } }, "/body/label", "type_wrong"],
  ["a body that is a list", "createApiToken", { body: [valid] }, "/body", "type_wrong"],
  ["a body that is text", "createApiToken", { body: "CI" }, "/body", "type_wrong"],
  ["a body that is null", "createApiToken", { body: null }, "/body", "field_required"],
  [
    "a label of 101 characters",
    "createApiToken",
    { body: { ...valid, label: "x".repeat(101) } },
    "/body/label",
    "value_too_long",
  ],
  ["an empty label", "createApiToken", { body: { ...valid, label: "" } }, "/body/label", "value_empty"],
  ["a label of spaces", "createApiToken", { body: { ...valid, label: "   " } }, "/body/label", "characters_forbidden"],
  [
    "a label with a NUL",
    "createApiToken",
    { body: { ...valid, label: control("\u0000") } },
    "/body/label",
    "characters_forbidden",
  ],
  [
    "a label with a line break",
    "createApiToken",
    { body: { ...valid, label: control("\n") } },
    "/body/label",
    "characters_forbidden",
  ],
  [
    "a label with an escape",
    "createApiToken",
    { body: { ...valid, label: control("\u001B[31m") } },
    "/body/label",
    "characters_forbidden",
  ],
  [
    "a label with a C1 control",
    "createApiToken",
    { body: { ...valid, label: control("\u009B") } },
    "/body/label",
    "characters_forbidden",
  ],
  [
    "a label with a line separator",
    "createApiToken",
    { body: { ...valid, label: control("\u2028") } },
    "/body/label",
    "characters_forbidden",
  ],
  [
    "a label with a direction override",
    "createApiToken",
    { body: { ...valid, label: control("\u202E") } },
    "/body/label",
    "characters_forbidden",
  ],
  [
    "a label with a direction isolate",
    "createApiToken",
    { body: { ...valid, label: control("\u2066") } },
    "/body/label",
    "characters_forbidden",
  ],
  [
    "a label with half a surrogate pair",
    "createApiToken",
    { body: { ...valid, label: control("\uD83D") } },
    "/body/label",
    "characters_forbidden",
  ],
  [
    "a description with an escape",
    "createApiToken",
    { body: { ...valid, description: "\u001B" } },
    "/body/description",
    "characters_forbidden",
  ],
  [
    "a description of 1001 characters",
    "createApiToken",
    { body: { ...valid, description: "x".repeat(1001) } },
    "/body/description",
    "value_too_long",
  ],
  ["an unknown role", "createApiToken", { body: { ...valid, role: "owner" } }, "/body/role", "value_unknown"],
  ["a role in capitals", "createApiToken", { body: { ...valid, role: "Admin" } }, "/body/role", "value_unknown"],
  [
    "an unknown activation",
    "createApiToken",
    { body: { ...valid, activation: "later" } },
    "/body/activation",
    "value_unknown",
  ],
  [
    "a destination that is no URI",
    "createApiToken",
    { body: { ...valid, destination: "somewhere" } },
    "/body/destination",
    "format_wrong",
  ],
  [
    "an owner namespace of spaces",
    "createApiToken",
    { body: { ...valid, managedBy: "  " } },
    "/body/managedBy",
    "characters_forbidden",
  ],
  [
    "an expiry that is no time",
    "createApiToken",
    { body: { ...valid, expiresAt: "tomorrow" } },
    "/body/expiresAt",
    "format_wrong",
  ],
  [
    "an expiry without a time zone",
    "createApiToken",
    { body: { ...valid, expiresAt: "2027-01-01T00:00:00" } },
    "/body/expiresAt",
    "format_wrong",
  ],
  [
    "an expiry on the 30th of February",
    "createApiToken",
    { body: { ...valid, expiresAt: "2027-02-30T00:00:00Z" } },
    "/body/expiresAt",
    "format_wrong",
  ],
  [
    "an expiry in a leap second",
    "createApiToken",
    { body: { ...valid, expiresAt: "2028-12-31T23:59:60Z" } },
    "/body/expiresAt",
    "format_wrong",
  ],
  [
    "an expiry in the past",
    "createApiToken",
    { body: { ...valid, expiresAt: "2026-11-23T08:59:59Z" } },
    "/body/expiresAt",
    "value_too_small",
  ],
  [
    "an expiry less than a second ahead",
    "createApiToken",
    { body: { ...valid, expiresAt: "2026-11-23T09:00:00.999Z" } },
    "/body/expiresAt",
    "value_too_small",
  ],
  [
    "an expiry after the year 9999",
    "createApiToken",
    { body: { ...valid, expiresAt: "9999-12-31T23:59:59-23:59" } },
    "/body/expiresAt",
    "value_too_large",
  ],
  [
    "an expiry in 0 seconds",
    "createApiToken",
    { body: { ...valid, expiresInSeconds: 0 } },
    "/body/expiresInSeconds",
    "value_too_small",
  ],
  [
    "an expiry in more than 10 years",
    "createApiToken",
    { body: { ...valid, expiresInSeconds: 315_360_001 } },
    "/body/expiresInSeconds",
    "value_too_large",
  ],
  [
    "an expiry in half seconds",
    "createApiToken",
    { body: { ...valid, expiresInSeconds: 1.5 } },
    "/body/expiresInSeconds",
    "type_wrong",
  ],
  [
    "an expiry in seconds as text",
    "createApiToken",
    { body: { ...valid, expiresInSeconds: "60" } },
    "/body/expiresInSeconds",
    "type_wrong",
  ],
  [
    "two expiries",
    "createApiToken",
    { body: { ...valid, expiresInSeconds: 60, expiresAt: null } },
    "/body/expiresInSeconds",
    "fields_conflict",
  ],
  ["no body", "createApiToken", {}, "/body", "field_required"],
  ["an id that is too short", "getApiToken", { id: "abc" }, "/path/id", "id_malformed"],
  ["an id in capitals", "getApiToken", { id: "0199F3A1B2C40D5E6F708192" }, "/path/id", "id_malformed"],
  ["an id with a NUL", "getApiToken", { id: "0199f3a1b2c40d5e6f70819\u0000" }, "/path/id", "id_malformed"],
  ["an id with a path in it", "getApiToken", { id: "../../v2/me" }, "/path/id", "id_malformed"],
  ["page 0", "listApiTokens", { query: { page: 0 } }, "/query/page", "value_too_small"],
  ["a page that is no number", "listApiTokens", { query: { page: "two" } }, "/query/page", "type_wrong"],
  ["half a page", "listApiTokens", { query: { page: "1.5" } }, "/query/page", "type_wrong"],
  ["a page in hexadecimal", "listApiTokens", { query: { page: "0x1" } }, "/query/page", "type_wrong"],
  ["a page with an exponent", "listApiTokens", { query: { page: "1e0" } }, "/query/page", "type_wrong"],
  ["an empty page", "listApiTokens", { query: { page: "" } }, "/query/page", "type_wrong"],
  ["a limit of 0", "listApiTokens", { query: { limit: 0 } }, "/query/limit", "value_too_small"],
  ["a limit of 101", "listApiTokens", { query: { limit: 101 } }, "/query/limit", "value_too_large"],
  ["a cursor that is no id", "listApiTokens", { query: { cursor: "next" } }, "/query/cursor", "id_malformed"],
  [
    "page and cursor together",
    "listApiTokens",
    { query: { page: 1, cursor: "0199f3a1b2c40d5e6f708192" } },
    "/query/cursor",
    "fields_conflict",
  ],
  ["an unknown status", "listApiTokens", { query: { status: "dead" } }, "/query/status", "value_unknown"],
  ["an unknown query parameter", "listApiTokens", { query: { order: "asc" } }, "/query/order", "field_unknown"],
];

test.for(badRequests)(
  "%s is refused with its place, and changes nothing",
  async ([, operationId, call, pointer, code]) => {
    const app = await createTestApp();
    const problem = await changesNothing(app, () => app.refused(operationId, call));
    expect(problem).toMatchObject({ code: "request_invalid", status: 400, errors: [{ pointer, code }] });
    expect(problem.errors).toHaveLength(1);
  },
);

test("a page beyond the last one is refused and names the last one", async () => {
  const app = await createTestApp();
  await buildToken(app);
  const problem = await app.refused("listApiTokens", { query: { page: 3, limit: 1 } });
  expect(problem).toMatchObject({
    code: "page_out_of_range",
    errors: [{ pointer: "/query/page", code: "value_too_large", message: "must be at most 2" }],
  });
});

test("a repeated query parameter is refused, also when the repetition says the same", async () => {
  const app = await createTestApp();
  const headers = { "x-api-key": app.adminToken };
  for (const [search, pointer] of [
    ["limit=1&limit=1", "/query/limit"],
    ["label=a&label=b", "/query/label"],
    ["status=all&status=all", "/query/status"],
  ]) {
    const problem = parseProblem(await app.send({ method: "GET", url: `/v2/api-tokens?${search}`, headers }));
    expect(problem).toMatchObject({ code: "request_invalid", errors: [{ pointer, code: "type_wrong" }] });
  }
});

test("every wrong place of a request is named at once", async () => {
  const app = await createTestApp();
  const problem = await app.refused("createApiToken", { body: { label: "", role: "owner", scope: "x" } });
  expect(problem.errors?.map(({ pointer }) => pointer).sort()).toEqual(["/body/label", "/body/role", "/body/scope"]);
});

test("a body with thousands of wrong places is told about the first hundred", async () => {
  const app = await createTestApp();
  const body = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`unknown${index}`, 1]));
  const problem = await app.refused("createApiToken", { body });
  expect(problem.errors).toHaveLength(100);
});
