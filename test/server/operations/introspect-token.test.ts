import { expect, test } from "vitest";
import type { Database } from "../../../server/domain/stores.ts";
import { createTestApp, type TestApp } from "../../support/app.ts";
import {
  buildExpiredToken,
  buildOtherOrganization,
  buildPendingToken,
  buildRetiredToken,
  buildRevokedToken,
  buildToken,
  buildUnknownToken,
} from "../../support/builders.ts";

const introspect = (app: TestApp, token: string) => app.call("introspectToken", { body: { token } });

test("a live token is active, with what OAuth and we call its members, and nothing else", async () => {
  const app = await createTestApp();
  const { id, token, label } = await buildToken(app, { expiresInSeconds: 3600 });
  const iat = Math.floor(app.clock.now().getTime() / 1000);
  expect(await introspect(app, token)).toEqual({
    active: true,
    scope: "developer",
    client_id: id,
    username: app.adminEmail,
    token_type: "Bearer",
    iat,
    exp: iat + 3600,
    sub: id,
    iss: "https://tokens.test.example",
    label,
    organization_id: app.organizationId,
  });
});

test("a token without an end has no exp, and a secret in its grace period the end of that", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  expect(await introspect(app, token)).not.toHaveProperty("exp");
  app.clock.advance({ seconds: 10 });
  const rotated = await app.call("rotateApiToken", { id, body: { gracePeriodSeconds: 60 } });
  const now = Math.floor(app.clock.now().getTime() / 1000);
  expect(await introspect(app, token)).toMatchObject({ client_id: id, iat: now - 10, exp: now + 60 });
  expect(await introspect(app, rotated.token)).toMatchObject({ client_id: id, iat: now });
});

test.for([
  ["malformed", async () => "hunter2"],
  ["unknown", async () => buildUnknownToken()],
  ["revoked", async (app: TestApp) => (await buildRevokedToken(app)).token],
  ["expired", async (app: TestApp) => (await buildExpiredToken(app)).token],
  ["pending", async (app: TestApp) => (await buildPendingToken(app)).token],
  ["retired", async (app: TestApp) => (await buildRetiredToken(app)).token],
  ["another organization's", async (app: TestApp) => (await buildOtherOrganization(app)).adminToken],
] as const)("a token that is %s is inactive, and no word more is said of it", async ([, build]) => {
  const app = await createTestApp();
  expect(await introspect(app, await build(app))).toEqual({ active: false });
});

test("a Developer token may introspect, and an active answer counts as a use", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  const service = await buildToken(app);
  app.clock.advance({ seconds: 5 });
  const answer = await app.call("introspectToken", { token: service.token, body: { token } });
  expect(answer.active).toBe(true);
  expect((await app.call("getApiToken", { id })).lastUsed).toBe("2026-11-23T09:00:05.000Z");
});

test("when the database cannot tell, the answer is 503 and never inactive", async () => {
  let [isFailing, asked] = [false, 0];
  const app = await createTestApp({ wrap: (database) => failWhen(database, () => isFailing && ++asked > 1) });
  const { token } = await buildToken(app);
  isFailing = true;
  const problem = await app.refused("introspectToken", { body: { token } });
  expect(problem).toMatchObject({ status: 503, code: "service_unavailable" });
  expect(problem).not.toHaveProperty("error");
});

/** The first look-up authenticates the caller, the second one is what it asks. */
function failWhen(database: Database, fails: () => boolean): Database {
  const { secrets } = database.stores;
  const findPresented: typeof secrets.findPresented = async (sha256s) => {
    if (fails()) throw new Error("the disk is gone");
    return secrets.findPresented(sha256s);
  };
  return { ...database, stores: { ...database.stores, secrets: { ...secrets, findPresented } } };
}
