import { expect, test } from "vitest";
import { createTestApp, type TestApp, type TestCall } from "../../support/app.ts";
import {
  buildExpiredToken,
  buildOtherOrganization,
  buildPendingToken,
  buildRevokedToken,
  buildToken,
} from "../../support/builders.ts";

async function buildTokens(app: TestApp, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) ids.unshift((await buildToken(app)).id);
  return ids;
}

async function list(app: TestApp, query: NonNullable<TestCall["query"]> = {}) {
  const { tokens, ...rest } = await app.call("listApiTokens", { query });
  return { ids: tokens.map(({ id }) => id), tokens, ...rest };
}

test("a list has the members of the base API, ten tokens a page when not told otherwise, newest first", async () => {
  const app = await createTestApp();
  const ids = await buildTokens(app, 11);
  const answer = JSON.parse((await app.answer("listApiTokens")).text);
  expect(Object.keys(answer).sort()).toEqual(["nextCursor", "nextPage", "tokens", "total"]);
  expect(answer).toMatchObject({ total: 12, nextPage: 2 });
  expect(answer.tokens.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 10));
  const base = ["id", "obfuscatedToken", "label", "role", "created", "createdBy", "lastUsed", "accountId"];
  expect(Object.keys(answer.tokens[0])).toEqual(expect.arrayContaining(base));
});

test("pages together hold every token once, and the last one has no next", async () => {
  const app = await createTestApp();
  await buildTokens(app, 6);
  const pages = [
    await list(app, { limit: 3, page: 1 }),
    await list(app, { limit: 3, page: 2 }),
    await list(app, { limit: 3, page: 3 }),
  ];
  expect(pages.map(({ nextPage }) => nextPage)).toEqual([2, 3, null]);
  expect(pages.at(-1)?.nextCursor).toBeNull();
  expect(new Set(pages.flatMap(({ ids }) => ids)).size).toBe(7);
});

test("a full last page has no next", async () => {
  const app = await createTestApp();
  await buildTokens(app, 3);
  expect(await list(app, { limit: 2, page: 2 })).toMatchObject({ nextPage: null, nextCursor: null });
});

test("a walk by cursor neither skips nor repeats a token while others are generated and revoked", async () => {
  const app = await createTestApp();
  const ids = await buildTokens(app, 7);
  const walked: string[] = [];
  let page = await list(app, { limit: 2 });
  for (;;) {
    walked.push(...page.ids);
    if (page.nextCursor === null) break;
    await buildToken(app);
    await app.call("revokeApiToken", { id: page.nextCursor });
    page = await list(app, { limit: 2, cursor: page.nextCursor });
    expect(page.nextPage).toBeNull();
  }
  expect(walked.slice(0, 7)).toEqual(ids);
  expect(walked).toHaveLength(8);
});

test("the status filter shows exactly the tokens that have it, and live ones when not told otherwise", async () => {
  const app = await createTestApp();
  const { id: expired } = await buildExpiredToken(app);
  const { id: revoked } = await buildRevokedToken(app);
  const { id: pending } = await buildPendingToken(app);
  const { id: active } = await buildToken(app);
  const first = (await list(app, { status: "active" })).ids.at(-1) ?? "";
  const expected = {
    expired: [expired],
    revoked: [revoked],
    pending: [pending],
    active: [active, first],
    live: [active, pending, first],
    all: [active, pending, revoked, expired, first],
  };
  for (const [status, ids] of Object.entries(expected)) {
    const answer = await list(app, { status });
    expect(answer.ids, status).toEqual(ids);
    expect(answer.total, status).toBe(ids.length);
    if (status !== "live" && status !== "all")
      expect(answer.tokens.every((token) => token.status === status)).toBe(true);
  }
  expect((await list(app)).ids).toEqual(expected.live);
  app.clock.advance({ minutes: 15 });
  expect((await list(app, { status: "all" })).ids).not.toContain(pending);
});

test("label, destination and owner namespace filter exactly, and together", async () => {
  const app = await createTestApp();
  const wanted = { label: "CI % _", destination: "vault://kv/ci#token", managedBy: "infra/prod" };
  const { id } = await buildToken(app, wanted);
  await buildToken(app, { label: "CI X Y", destination: "vault://kv/ci#token2", managedBy: "infra/prod2" });
  await buildToken(app, { label: "ci % _" });
  for (const [name, value] of Object.entries(wanted))
    expect((await list(app, { [name]: value })).ids, name).toEqual([id]);
  expect((await list(app, wanted)).ids).toEqual([id]);
  expect((await list(app, { ...wanted, label: "CI X Y" })).total).toBe(0);
});

test("ids filter to exactly these tokens of the own organization, whatever their status, together with other filters", async () => {
  const app = await createTestApp();
  const { id: revoked } = await buildRevokedToken(app);
  const { id: active } = await buildToken(app, { managedBy: "infra/prod" });
  await buildToken(app);
  const { adminToken: token } = await buildOtherOrganization(app);
  const { id: foreign } = await app.call("createApiToken", { token, body: { label: "x", role: "developer" } });
  const unknown = "f".repeat(24);
  expect(await list(app, { id: [revoked, unknown, active, active, foreign], status: "all" })).toMatchObject({
    ids: [active, revoked],
    total: 2,
    nextCursor: null,
  });
  expect((await list(app, { id: active })).ids).toEqual([active]);
  expect((await list(app, { id: [revoked, active] })).ids).toEqual([active]);
  expect((await list(app, { id: [revoked, active], managedBy: "infra/test", status: "all" })).ids).toEqual([]);
  expect((await list(app, { id: [unknown] })).total).toBe(0);
});

test("a hundred ids are one request, and one more is refused at its place", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  const ids = [...Array(99).keys()].map((number) => number.toString(16).padStart(24, "0"));
  expect((await list(app, { id: [...ids, id], limit: 100 })).ids).toEqual([id]);
  const { errors } = await app.refused("listApiTokens", { query: { id: [...ids, id, "f".repeat(24)] } });
  expect(errors).toEqual([{ pointer: "/query/id", code: "value_too_long", message: "must have at most 100 items" }]);
});

test("a search finds every label that holds the text, in either case, and takes wildcards for themselves", async () => {
  const app = await createTestApp();
  const labels = ["Nightly build", "nightly_report", "100% load", "it's !important", "<b>bold</b>"];
  const ids = new Map<string, string>();
  for (const label of labels) ids.set(label, (await buildToken(app, { label })).id);
  const found = async (search: string) => {
    const answer = await list(app, { search });
    expect(answer.total, search).toBe(answer.ids.length);
    return answer.tokens.map(({ label }) => label).sort();
  };
  expect(await found("NIGHT")).toEqual(["Nightly build", "nightly_report"]);
  expect(await found("y_r")).toEqual(["nightly_report"]);
  expect(await found("%")).toEqual(["100% load"]);
  expect(await found("_")).toEqual(["nightly_report"]);
  expect(await found("!")).toEqual(["it's !important"]);
  expect(await found("'s")).toEqual(["it's !important"]);
  expect(await found("</B>")).toEqual(["<b>bold</b>"]);
  expect(await found("nothing like it")).toEqual([]);
  const paged = await list(app, { search: "n", limit: 1, cursor: ids.get("it's !important") ?? "" });
  expect(paged).toMatchObject({ total: 4, nextCursor: ids.get("nightly_report") });
});

test("an empty list is one empty page", async () => {
  const app = await createTestApp();
  expect(await app.call("listApiTokens", { query: { status: "revoked", page: 1 } })).toEqual({
    tokens: [],
    total: 0,
    nextPage: null,
    nextCursor: null,
  });
});
