import { expect, test } from "vitest";
import type { Schema } from "../../../server/operations/operation.ts";
import { changesNothing, createTestApp, type TestApp } from "../../support/app.ts";
import {
  authenticate,
  buildExpiredToken,
  buildPendingToken,
  buildRevokedToken,
  buildToken,
  verify,
} from "../../support/builders.ts";

const day = 86_400;
const here = "vault://kv/ci/here#token";
const there = "vault://kv/ci/there#token";

function rotate(app: TestApp, id: string, body: Partial<Schema<"RotateApiTokenRequest">> = {}) {
  return app.call("rotateApiToken", { id, body: { activation: "deferred", ...body } });
}

function activate(app: TestApp, id: string, fingerprint: string) {
  return app.call("activateApiToken", { id, body: { fingerprint } });
}

test("a rotation keeps id, label and role, and shows the new secret beside the current one", async () => {
  const app = await createTestApp();
  const before = await buildToken(app);
  const rotated = await rotate(app, before.id);
  const { token, warnings: _, ...shown } = before;
  const { newFingerprint, token: fresh, version } = rotated;
  expect(rotated).toEqual({ ...shown, newFingerprint, token: fresh, version });
  expect(rotated.newFingerprint).not.toBe(before.fingerprint);
  expect(rotated.token).not.toBe(token);
});

test("after a rotation the old and the new secret both work", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  const rotated = await rotate(app, id);
  expect(await authenticate(app, token)).toBe("accepted");
  expect(await authenticate(app, rotated.token)).toBe("accepted");
  expect(await authenticate(app, token)).toBe("accepted");
});

test("a new secret that nobody uses takes nothing away from the old one, however long", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  await rotate(app, id, { gracePeriodSeconds: 0 });
  app.clock.advance({ days: 400 });
  expect(await authenticate(app, token)).toBe("accepted");
});

test("the first use of a new secret makes it current, stored before the use is answered", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  const rotated = await rotate(app, id);
  app.clock.advance({ seconds: 5 });
  const me = await app.call("getMe", { token: rotated.token });
  expect(me).toMatchObject({ secret: { state: "current", fingerprint: rotated.newFingerprint } });
  const states = app.contents()["api_token_secrets"]?.filter((row) => JSON.stringify(row).includes(id));
  expect(states).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ fingerprint: rotated.newFingerprint, state: "current" }),
      expect.objectContaining({ fingerprint: rotated.fingerprint, state: "retiring" }),
    ]),
  );
  expect(await app.call("getApiToken", { id })).toMatchObject({
    fingerprint: rotated.newFingerprint,
    newFingerprint: null,
    obfuscatedToken: `${rotated.token.slice(0, 8)}****`,
    rotatedAt: "2026-11-23T09:00:05.000Z",
  });
});

test("verifying a new secret is a use of it", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  const rotated = await rotate(app, id);
  expect(await verify(app, rotated.token)).toBe("active");
  expect(await app.call("getApiToken", { id })).toMatchObject({
    fingerprint: rotated.newFingerprint,
    newFingerprint: null,
  });
});

test("the old secret works for the grace period after the activation, a day when the rotation does not say", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  const rotated = await rotate(app, id);
  app.clock.advance({ days: 3 });
  await activate(app, id, rotated.newFingerprint ?? "");
  const me = await app.call("getMe", { token });
  expect(me).toMatchObject({ secret: { state: "retiring", expiresAt: "2026-11-27T09:00:00.000Z" } });
  app.clock.advance({ seconds: day - 1 });
  expect(await authenticate(app, token)).toBe("accepted");
  app.clock.advance({ seconds: 1 });
  expect(await authenticate(app, token)).toBe("authentication_retired");
  expect(await verify(app, token)).toBe("retired");
  expect(await authenticate(app, rotated.token)).toBe("accepted");
});

test("a grace period of 0 ends the old secret with the activation", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  const rotated = await rotate(app, id, { gracePeriodSeconds: 0 });
  expect(await authenticate(app, token)).toBe("accepted");
  await activate(app, id, rotated.newFingerprint ?? "");
  expect(await authenticate(app, token)).toBe("authentication_retired");
});

test("an immediate rotation makes the new secret current at once, with the grace period from now", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  const rotated = await app.call("rotateApiToken", { id, body: { gracePeriodSeconds: 60 } });
  expect(rotated).toMatchObject({ newFingerprint: null, rotatedAt: "2026-11-23T09:00:00.000Z" });
  expect(rotated.obfuscatedToken).toBe(`${rotated.token.slice(0, 8)}****`);
  app.clock.advance({ seconds: 59 });
  expect(await authenticate(app, token)).toBe("accepted");
  app.clock.advance({ seconds: 1 });
  expect(await authenticate(app, token)).toBe("authentication_retired");
  expect(await authenticate(app, rotated.token)).toBe("accepted");
});

test("repeating a rotation replaces a new secret that was never used", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  const first = await rotate(app, id);
  const second = await rotate(app, id);
  expect(await authenticate(app, first.token)).toBe("authentication_retired");
  const refused = await changesNothing(app, () =>
    app.refused("activateApiToken", { id, body: { fingerprint: first.newFingerprint } }),
  );
  expect(refused.code).toBe("secret_superseded");
  expect(await authenticate(app, token)).toBe("accepted");
  expect(await authenticate(app, second.token)).toBe("accepted");
});

test("a new secret that was used counts as delivered: the next rotation retires it with a grace period, and the one before stays", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  const first = await rotate(app, id);
  expect(await authenticate(app, first.token)).toBe("accepted");
  const second = await rotate(app, id);
  expect(second.fingerprint).toBe(first.newFingerprint);
  expect(await authenticate(app, second.token)).toBe("accepted");
  expect(await authenticate(app, first.token)).toBe("accepted");
  expect(await authenticate(app, token)).toBe("accepted");
});

test("a new destination takes effect at the activation and frees the old one", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app, { destination: here });
  const rotated = await rotate(app, id, { destination: there });
  expect(rotated.destination).toBe(here);
  for (const destination of [here, there]) {
    const problem = await app.refused("createApiToken", { body: { label: "CI", role: "developer", destination } });
    expect(problem).toMatchObject({ code: "destination_in_use", apiTokenId: id });
  }
  expect(await activate(app, id, rotated.newFingerprint ?? "")).toMatchObject({ destination: there });
  await buildToken(app, { destination: here });
  const problem = await app.refused("createApiToken", { body: { label: "CI", role: "developer", destination: there } });
  expect(problem.apiTokenId).toBe(id);
});

test("a new destination that was given up by another rotation is free again, and the secret's own stays taken", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app, { destination: here });
  await rotate(app, id, { destination: there });
  const back = await rotate(app, id, { destination: here });
  await buildToken(app, { destination: there });
  expect(await activate(app, id, back.newFingerprint ?? "")).toMatchObject({ destination: here });
  expect(
    (await app.refused("createApiToken", { body: { label: "CI", role: "developer", destination: here } })).apiTokenId,
  ).toBe(id);
});

test("a rotation to a destination that another live token has is refused and issues nothing", async () => {
  const app = await createTestApp();
  const other = await buildToken(app, { destination: there });
  const { id, token } = await buildToken(app, { destination: here });
  const problem = await changesNothing(app, () => app.refused("rotateApiToken", { id, body: { destination: there } }));
  expect(problem).toMatchObject({ code: "destination_in_use", apiTokenId: other.id });
  expect(await authenticate(app, token)).toBe("accepted");
});

test("a new expiry takes effect at the activation", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app, { expiresInSeconds: 7 * day });
  const rotated = await rotate(app, id, { expiresInSeconds: 30 * day });
  expect(rotated.expiresAt).toBe("2026-11-30T09:00:00.000Z");
  expect(await activate(app, id, rotated.newFingerprint ?? "")).toMatchObject({
    expiresAt: "2026-12-23T09:00:00.000Z",
  });
  const endless = await app.call("rotateApiToken", { id, body: { expiresAt: null } });
  expect(endless.expiresAt).toBeNull();
});

test("a rotation does not change description, owner namespace or last use", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app, { description: "two\nlines", managedBy: "infra/prod" });
  await authenticate(app, token);
  const rotated = await rotate(app, id);
  expect(rotated).toMatchObject({
    description: "two\nlines",
    managedBy: "infra/prod",
    lastUsed: "2026-11-23T09:00:00.000Z",
  });
});

test.for([
  ["revoked", buildRevokedToken],
  ["expired", buildExpiredToken],
  ["pending", buildPendingToken],
] as const)("a %s token is refused rotation and change by that name, and nothing changes", async ([status, build]) => {
  const app = await createTestApp();
  const { id } = await build(app);
  await changesNothing(app, async () => {
    expect(await app.refused("rotateApiToken", { id, body: {} })).toMatchObject({
      code: `api_token_${status}`,
      status: 409,
    });
    expect(await app.refused("updateApiToken", { id, body: { label: "New" } })).toMatchObject({
      code: `api_token_${status}`,
    });
  });
});

test("revoking a token ends all its secrets: current, new and retiring", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  const second = await app.call("rotateApiToken", { id, body: {} });
  const third = await rotate(app, id);
  await app.call("revokeApiToken", { id });
  for (const secret of [token, second.token, third.token])
    expect(await authenticate(app, secret)).toBe("authentication_revoked");
});
