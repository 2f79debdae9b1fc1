import { expect, test } from "vitest";
import { changesNothing, createTestApp, type TestApp } from "../../support/app.ts";
import {
  authenticate,
  buildAdminToken,
  buildExpiredToken,
  buildOtherOrganization,
  buildPendingToken,
  buildRetiredToken,
  buildRevokedToken,
  buildToken,
  buildUnknownToken,
} from "../../support/builders.ts";

const revoke = (app: TestApp, token: string, by?: string) =>
  app.call("revokeToken", { body: { token }, ...(by === undefined ? {} : { token: by }) });

test("an Admin token revokes any token of its organization, at once and on every replica", async () => {
  const app = await createTestApp();
  const replica = await createTestApp({ beside: app });
  const { id, token } = await buildToken(app, { destination: "vault://kv/ci#token" });
  expect(await authenticate(replica, token)).toBe("accepted");
  expect(await revoke(app, token)).toBeUndefined();
  expect(await authenticate(replica, token)).toBe("authentication_revoked");
  expect(await app.call("getApiToken", { id })).toMatchObject({ status: "revoked" });
  await buildToken(app, { destination: "vault://kv/ci#token" });
});

test("a token revokes itself, whatever its role", async () => {
  const app = await createTestApp();
  for (const { token } of [await buildToken(app), await buildAdminToken(app)]) {
    await revoke(app, token, token);
    expect(await authenticate(app, token)).toBe("authentication_revoked");
  }
});

test("a Developer token revokes no other one, dead or alive", async () => {
  const app = await createTestApp();
  const { token: by } = await buildToken(app);
  for (const { token } of [await buildToken(app), await buildRevokedToken(app)]) {
    const problem = await changesNothing(app, () => app.refused("revokeToken", { token: by, body: { token } }));
    expect(problem).toMatchObject({ code: "role_insufficient", error: "unauthorized_client" });
  }
});

test.for([
  ["malformed", async () => "hunter2"],
  ["unknown", async () => buildUnknownToken()],
  ["revoked already", async (app: TestApp) => (await buildRevokedToken(app)).token],
  ["expired", async (app: TestApp) => (await buildExpiredToken(app)).token],
  ["another organization's", async (app: TestApp) => (await buildOtherOrganization(app)).adminToken],
] as const)("a token that is %s answers 200, and nothing changes", async ([, build]) => {
  const app = await createTestApp();
  const token = await build(app);
  await changesNothing(app, () => revoke(app, token));
});

test("a secret that a rotation has replaced does not take the token with it", async () => {
  const app = await createTestApp();
  const { token, replacement } = await buildRetiredToken(app);
  await changesNothing(app, () => revoke(app, token));
  expect(await authenticate(app, replacement)).toBe("accepted");
});

test("a secret in its grace period, or a new one, revokes the whole token", async () => {
  const app = await createTestApp();
  for (const which of ["old", "new"] as const) {
    const { id, token } = await buildToken(app);
    const rotated = await app.call("rotateApiToken", { id, body: { activation: "deferred" } });
    await revoke(app, which === "old" ? token : rotated.token);
    expect(await authenticate(app, token)).toBe("authentication_revoked");
    expect(await authenticate(app, rotated.token)).toBe("authentication_revoked");
  }
});

test("a pending token can be revoked before anybody activates it", async () => {
  const app = await createTestApp();
  const { id, token, fingerprint } = await buildPendingToken(app);
  await revoke(app, token);
  expect((await app.refused("activateApiToken", { id, body: { fingerprint } })).code).toBe("api_token_revoked");
});

test("the audit says who revoked what, as for a revocation by id", async () => {
  const app = await createTestApp();
  const [one, other] = [await buildToken(app), await buildToken(app)];
  await revoke(app, one.token, one.token);
  await app.call("revokeApiToken", { id: other.id });
  const events = (app.contents()["audit_events"] ?? []).map((row) => Object(row));
  const revoked = events.filter(({ action }) => action === "api_token.revoked");
  expect(revoked.map(({ actor_id, target_id }) => [actor_id, target_id])).toEqual([
    [one.id, one.id],
    [expect.not.stringMatching(one.id), other.id],
  ]);
});
