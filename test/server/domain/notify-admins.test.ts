import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createIdGenerator, type OrganizationId, parseId } from "../../../server/domain/ids.ts";
import { deadApiTokenUsedNotice, leakReportedNotice, notifyAdmins } from "../../../server/domain/notify-admins.ts";
import { changesNothing, createTestApp, type TestApp } from "../../support/app.ts";
import { buildOtherOrganization, buildPendingToken, buildToken } from "../../support/builders.ts";
import { mailRows } from "../../support/mail-queue.ts";
import { buildUser } from "../../support/people.ts";

test("generating tells every admin of the organization, and nobody else", async () => {
  const app = await createTestApp();
  await buildOtherOrganization(app);
  await buildUser(app, "admin", "bob@test.example");
  await buildUser(app, "developer", "dev@test.example");
  const { id, obfuscatedToken } = await buildToken(app, { label: "CI deploy" });
  const told = mailRows(app).filter((row) => row["api_token_id"] === id);
  expect(told.map((row) => row["recipient"]).toSorted()).toEqual(["ada@test.example", "bob@test.example"]);
  expect(JSON.parse(String(told[0]?.["facts"]))).toEqual({
    label: "CI deploy",
    obfuscatedToken,
    role: "developer",
    createdBy: "ada@test.example",
    createdAt: "2026-11-23T09:00:00.000Z",
    expiresAt: null,
    by: 'the API token "First Admin token"',
    at: "2026-11-23T09:00:00.000Z",
  });
});

test("the first Admin token of an organization is told of, too", async () => {
  const app = await createTestApp();
  const all = app.contents()["mail"] as readonly Readonly<Record<string, unknown>>[];
  expect(all).toMatchObject([{ kind: "api_token_generated", recipient: "ada@test.example", status: "queued" }]);
});

test("a deferred creation is told of when it is activated, however often it was repeated", async () => {
  const app = await createTestApp();
  const body = { label: "CI", activation: "deferred", destination: "vault://kv/ci#token" } as const;
  await buildPendingToken(app, body);
  const { id, fingerprint } = await buildPendingToken(app, body);
  expect(kinds(app)).toEqual([]);
  await app.call("activateApiToken", { id, body: { fingerprint } });
  await app.call("activateApiToken", { id, body: { fingerprint } });
  expect(kinds(app)).toEqual(["api_token_generated"]);
});

test("a pending token that is revoked was never told of, and is not now", async () => {
  const app = await createTestApp();
  const { id } = await buildPendingToken(app);
  await app.call("revokeApiToken", { id });
  expect(kinds(app)).toEqual([]);
});

test.for(["activated", "used"] as const)("a deferred rotation is told of when its secret is %s", async (way) => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  const { token, newFingerprint } = await app.call("rotateApiToken", { id, body: { activation: "deferred" } });
  expect(kinds(app)).toEqual(["api_token_generated"]);
  if (way === "used") await app.call("getMe", { token });
  else await app.call("activateApiToken", { id, body: { fingerprint: String(newFingerprint) } });
  await app.call("getMe", { token });
  expect(kinds(app)).toEqual(["api_token_generated", "api_token_rotated"]);
});

test("revoking is told of once, however often it is repeated", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  await app.call("revokeApiToken", { id });
  await app.call("revokeApiToken", { id });
  expect(kinds(app)).toEqual(["api_token_generated", "api_token_revoked"]);
});

test("what is refused is told to nobody", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  await changesNothing(app, () => app.refused("revokeApiToken", { id, query: { confirmLabel: "wrong" } }));
  await changesNothing(app, () => app.refused("createApiToken", { body: { label: "" } }));
});

test("the use of a dead token and a leak are told of once per token and hour", async () => {
  const app = await createTestApp();
  const created = await buildToken(app);
  const organizationId = parseId<OrganizationId>(app.organizationId);
  const token = await app.database.stores.apiTokens.findApiToken(organizationId, parseId(created.id), app.clock.now());
  if (token === undefined) throw new Error("It was just generated.");
  const services = { clock: app.clock, newId: createIdGenerator(app.clock, randomBytes) };
  const raise = async () => {
    const at = app.clock.now();
    const dead = deadApiTokenUsedNotice(token, { reason: "revoked", ip: "192.0.2.10", at });
    const leak = leakReportedNotice(token, { source: "an anonymous report", outcome: "notified", at });
    await app.database.transact((stores) => notifyAdmins(stores, services, organizationId, dead));
    await app.database.transact((stores) => notifyAdmins(stores, services, organizationId, leak));
  };
  app.clock.advance({ seconds: 1 });
  await raise();
  app.clock.advance({ minutes: 59 });
  await raise();
  const once = ["api_token_generated", "dead_api_token_used", "leak_reported"];
  expect(kinds(app)).toEqual(once);
  app.clock.advance({ minutes: 1 });
  await raise();
  expect(kinds(app)).toEqual([...once, "dead_api_token_used", "leak_reported"]);
});

/** What the organization's first admin was told, in order. */
function kinds(app: TestApp): readonly string[] {
  return mailRows(app).map((row) => String(row["kind"]));
}
