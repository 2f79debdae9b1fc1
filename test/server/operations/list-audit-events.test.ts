import { expect, test } from "vitest";
import { createTestApp, type TestApp, type TestCall } from "../../support/app.ts";
import { buildOtherOrganization, buildToken } from "../../support/builders.ts";

async function list(app: TestApp, query: NonNullable<TestCall["query"]> = {}, token?: string) {
  return app.call("listAuditEvents", { query, ...(token === undefined ? {} : { token }) });
}

async function actionsOf(app: TestApp, query: NonNullable<TestCall["query"]>): Promise<readonly string[]> {
  return (await list(app, { limit: 100, ...query })).events.map(({ action }) => action);
}

test("a list shows what happened, newest first, with who, where, before, after and the chain", async () => {
  const app = await createTestApp();
  const created = await buildToken(app, { label: "CI" });
  await app.call("updateApiToken", { id: created.id, body: { label: "Nightly" } });
  const { events, nextCursor } = await list(app);
  expect(nextCursor).toBeNull();
  expect(events.map(({ action, sequence }) => [sequence, action])).toEqual([
    [5, "api_token.updated"],
    [4, "api_token.created"],
    [3, "api_token.created"],
    [2, "user.created"],
    [1, "organization.created"],
  ]);
  expect(events[0]).toMatchObject({
    outcome: "done",
    at: app.clock.now().toISOString(),
    actor: { type: "api_token", label: "First Admin token" },
    target: { type: "api_token", id: created.id, label: "Nightly" },
    ip: "127.0.0.1",
    before: { label: "CI" },
    after: { label: "Nightly" },
    previousHash: events[1]?.hash,
  });
  expect(events.at(-1)).toMatchObject({ actor: { type: "system", id: null }, ip: null, userAgent: null, before: null });
});

test("a walk by cursor neither skips nor repeats an event while others happen", async () => {
  const app = await createTestApp();
  for (let count = 0; count < 6; count += 1) await buildToken(app);
  const walked: number[] = [];
  let page = await list(app, { limit: 4 });
  for (;;) {
    walked.push(...page.events.map(({ sequence }) => sequence));
    if (page.nextCursor === null) break;
    await buildToken(app);
    page = await list(app, { limit: 4, cursor: page.nextCursor });
  }
  expect(walked).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

test("a full last page has no next, and a page without events is empty", async () => {
  const app = await createTestApp();
  expect(await list(app, { limit: 3 })).toMatchObject({ nextCursor: null });
  expect(await list(app, { limit: 2 })).toMatchObject({ nextCursor: 2 });
  expect(await list(app, { cursor: 1 })).toEqual({ events: [], nextCursor: null });
});

test("each filter leaves what it names, and all together", async () => {
  const app = await createTestApp();
  const admin = await buildToken(app, { role: "admin", label: "Second admin" });
  app.clock.advance({ minutes: 1 });
  const from = app.clock.now().toISOString();
  const target = await app.call("createApiToken", { token: admin.token, body: { label: "CI", role: "developer" } });
  app.clock.advance({ minutes: 1 });
  const to = app.clock.now().toISOString();
  await app.call("revokeApiToken", { id: target.id });
  expect(await actionsOf(app, { action: "api_token.revoked" })).toEqual(["api_token.revoked"]);
  expect(await actionsOf(app, { action: "nothing.happened" })).toEqual([]);
  expect(await actionsOf(app, { outcome: "refused" })).toEqual([]);
  expect(await actionsOf(app, { actorId: admin.id })).toEqual(["api_token.created"]);
  expect(await actionsOf(app, { targetId: target.id })).toEqual(["api_token.revoked", "api_token.created"]);
  expect(await actionsOf(app, { from })).toEqual(["api_token.revoked", "api_token.created"]);
  expect(await actionsOf(app, { from, to })).toEqual(["api_token.created"]);
  const all = { action: "api_token.created", outcome: "done", actorId: admin.id, targetId: target.id, from, to };
  expect(await actionsOf(app, all)).toEqual(["api_token.created"]);
});

test("a list holds the events of the caller's organization only, whatever filter or cursor is given", async () => {
  const app = await createTestApp();
  const other = await buildOtherOrganization(app);
  const ours = await buildToken(app);
  for (const query of [{}, { targetId: ours.id }, { cursor: 3 }, { action: "api_token.created" }]) {
    const { events } = await list(app, query, other.adminToken);
    expect(events.filter(({ actor }) => actor.type !== "system")).toEqual([]);
    expect(JSON.stringify(events)).not.toContain(app.adminEmail);
  }
});

test.for([
  ["limit", 0, "value_too_small"],
  ["limit", 101, "value_too_large"],
  ["cursor", 0, "value_too_small"],
  ["cursor", "x", "type_wrong"],
  ["action", "Created", "format_wrong"],
  ["outcome", "maybe", "value_unknown"],
  ["actorId", "1", "id_malformed"],
  ["targetId", "1", "id_malformed"],
  ["from", "yesterday", "format_wrong"],
  ["from", "2026-12-31T23:59:60Z", "format_wrong"],
  ["to", "2026-11-23", "format_wrong"],
  ["page", 1, "field_unknown"],
] as const)("%s %s is refused as %s", async ([name, value, code]) => {
  const app = await createTestApp();
  const problem = await app.refused("listAuditEvents", { query: { [name]: value } });
  expect(problem).toMatchObject({ code: "request_invalid", errors: [{ pointer: `/query/${name}`, code }] });
});

test("a Developer token does not see the trail", async () => {
  const app = await createTestApp();
  const { token } = await buildToken(app);
  expect((await app.refused("listAuditEvents", { token })).code).toBe("role_insufficient");
});
