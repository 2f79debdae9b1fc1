import { expect, test } from "vitest";
import type { Database } from "../../../server/domain/stores.ts";
import { changesNothing, createTestApp } from "../../support/app.ts";
import {
  authenticate,
  buildExpiredToken,
  buildOtherOrganization,
  buildPendingToken,
  buildRetiredToken,
  buildRevokedToken,
  buildToken,
  buildUnknownToken,
  verify,
} from "../../support/builders.ts";

test("a live token is active, and told whose it is and which of its secrets it is", async () => {
  const app = await createTestApp();
  const { id, label, token, fingerprint } = await buildToken(app, { expiresInSeconds: 60 });
  expect(await app.call("verifyApiToken", { body: { token } })).toEqual({
    active: true,
    reason: null,
    apiToken: {
      id,
      label,
      role: "developer",
      status: "active",
      accountId: app.organizationId,
      expiresAt: "2026-11-23T09:01:00.000Z",
    },
    secret: { fingerprint, state: "current", expiresAt: null },
  });
});

test("a token that is not live is inactive, and told why", async () => {
  const app = await createTestApp();
  const expected: ReadonlyMap<string, string> = new Map([
    [(await buildExpiredToken(app)).token, "expired"],
    [(await buildRevokedToken(app)).token, "revoked"],
    [(await buildPendingToken(app)).token, "pending"],
    [(await buildRetiredToken(app)).token, "retired"],
    [buildUnknownToken(), "unknown"],
    ["hunter2", "malformed"],
    [`${app.adminToken} `, "malformed"],
  ]);
  await changesNothing(app, async () => {
    for (const [token, reason] of expected) expect(await verify(app, token)).toBe(reason);
  });
});

test("a token of another organization is unknown, live or not, and its use is not noted", async () => {
  const app = await createTestApp();
  const other = await buildOtherOrganization(app);
  const answer = await app.call("verifyApiToken", { body: { token: other.adminToken } });
  const unknown = await app.call("verifyApiToken", { body: { token: buildUnknownToken() } });
  expect(answer).toEqual(unknown);
  const { tokens } = await app.call("listApiTokens", { token: other.adminToken });
  const created = await app.call("createApiToken", {
    token: other.adminToken,
    body: { label: "CI", role: "developer" },
  });
  await verify(app, created.token);
  expect((await app.call("getApiToken", { token: other.adminToken, id: created.id })).lastUsed).toBeNull();
  expect(tokens).toHaveLength(1);
});

test("a foreign rotation's new secret is not promoted by a verification of ours", async () => {
  const app = await createTestApp();
  const { adminToken: token } = await buildOtherOrganization(app);
  const created = await app.call("createApiToken", { token, body: { label: "CI", role: "developer" } });
  const rotated = await app.call("rotateApiToken", { token, id: created.id, body: { activation: "deferred" } });
  expect(await changesNothing(app, () => verify(app, rotated.token))).toBe("unknown");
});

test("verifying writes nothing but the last use", async () => {
  const app = await createTestApp();
  const { token } = await buildToken(app);
  await changesNothing(app, async () => {
    for (let index = 0; index < 5; index += 1) expect(await verify(app, token)).toBe("active");
  });
});

test("verifications at once are asked of the database in few queries", async () => {
  const batches: number[] = [];
  const app = await createTestApp({ wrap: (database) => recordBatches(database, batches) });
  const tokens = await Promise.all(Array.from({ length: 20 }, () => buildToken(app)));
  batches.length = 0;
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      app.call("verifyApiToken", { body: { token: tokens[index % 20]?.token } }),
    ),
  );
  expect(answers.map(({ apiToken }) => apiToken?.id)).toEqual(
    Array.from({ length: 100 }, (_, index) => tokens[index % 20]?.id),
  );
  // One batch for the callers, and one for what they present; the stages of injected requests may spread over some more.
  expect(batches.length).toBeLessThan(20);
  expect(Math.max(...batches)).toBeGreaterThanOrEqual(20);
});

test("a batch of more verifications than one query takes is split, and each gets its own answer", async () => {
  const app = await createTestApp();
  const { token } = await buildToken(app);
  const presented = Array.from({ length: 450 }, (_, index) => (index === 449 ? token : buildUnknownToken()));
  const answers = await Promise.all(presented.map((text) => verify(app, text)));
  expect(answers.filter((answer) => answer === "unknown")).toHaveLength(449);
  expect(answers.at(-1)).toBe("active");
});

test("a use is noted with its time and address, a token's first one before it is answered", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  app.clock.advance({ seconds: 7 });
  expect(await authenticate(app, token)).toBe("accepted");
  expect(await app.call("getApiToken", { id })).toMatchObject({
    lastUsed: "2026-11-23T09:00:07.000Z",
    lastUsedIp: "127.0.0.1",
  });
});

test("no Admin token reads about itself that it was never used", async () => {
  const app = await createTestApp();
  const { tokens } = await app.call("listApiTokens");
  expect(tokens[0]?.lastUsed).toBe("2026-11-23T09:00:00.000Z");
});

function recordBatches(database: Database, batches: number[]): Database {
  const { secrets } = database.stores;
  const findPresented: typeof secrets.findPresented = (sha256s) => {
    batches.push(sha256s.length);
    return secrets.findPresented(sha256s);
  };
  return { ...database, stores: { ...database.stores, secrets: { ...secrets, findPresented } } };
}

test("several at once are told in their order, as one by one", async () => {
  const app = await createTestApp();
  const live = await buildToken(app);
  const revoked = await buildRevokedToken(app);
  const presented = [live.token, "hunter2", revoked.token, live.token].map((token) => ({ token, ip: "192.0.2.7" }));
  const { verifications } = await app.call("verifyApiTokens", { body: { presented } });
  expect(verifications.map(({ active, reason }) => (active ? "active" : reason))).toEqual([
    "active",
    "malformed",
    "revoked",
    "active",
  ]);
  for (const [index, body] of presented.entries()) {
    expect(verifications[index]).toEqual(await app.call("verifyApiToken", { body }));
  }
  expect((await app.call("getApiToken", { id: live.id })).lastUsedIp).toBe("192.0.2.7");
});
