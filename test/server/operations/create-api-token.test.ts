import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { changesNothing, createTestApp } from "../../support/app.ts";
import {
  authenticate,
  buildAdminToken,
  buildOtherOrganization,
  buildPendingToken,
  buildRevokedToken,
  buildToken,
  verify,
} from "../../support/builders.ts";

const destination = "vault://kv/ci/orgtokens#token";

test("a created token is answered with the members of the base API, and works", async () => {
  const app = await createTestApp();
  const created = await app.call("createApiToken", { body: { label: "CI/CD Token", role: "developer" } });
  expect(created).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{24}$/),
    obfuscatedToken: `${created.token.slice(0, 8)}****`,
    label: "CI/CD Token",
    role: "developer",
    created: "2026-11-23T09:00:00.000Z",
    createdBy: "ada@test.example",
    lastUsed: null,
    accountId: app.organizationId,
    token: expect.stringMatching(/^tok_[0-9A-Za-z]{36}$/),
    status: "active",
    lastUsedIp: null,
    description: null,
    expiresAt: null,
    rotatedAt: null,
    revokedAt: null,
    destination: null,
    managedBy: null,
    fingerprint: createHash("sha256").update(created.token).digest("hex").slice(0, 16),
    newFingerprint: null,
    allowedNetworks: [],
    version: expect.stringMatching(/^[0-9a-f]{16}$/),
    warnings: [],
  });
  expect(await authenticate(app, created.token)).toBe("accepted");
});

test("a creation is answered 201 with the path of the token", async () => {
  const app = await createTestApp();
  const answer = await app.answer("createApiToken", { body: { label: "CI", role: "admin" } });
  expect(answer.status).toBe(201);
  const location = answer.headers["location"] ?? "";
  expect(await app.send({ method: "GET", url: location, headers: { "x-api-key": app.adminToken } })).toMatchObject({
    status: 200,
  });
});

test("what a token generates is said to be created by the user behind that token", async () => {
  const app = await createTestApp();
  const { token } = await buildAdminToken(app);
  const created = await app.call("createApiToken", { token, body: { label: "CI", role: "developer" } });
  expect(created.createdBy).toBe(app.adminEmail);
});

test("a label that another live token has is accepted with a warning, one that only a dead token had is not warned about", async () => {
  const app = await createTestApp();
  const { label, id } = await buildToken(app);
  expect((await buildToken(app, { label })).warnings).toMatchObject([{ code: "label_in_use" }]);
  await app.call("revokeApiToken", { id });
  const { label: dead } = await buildRevokedToken(app);
  expect((await buildToken(app, { label: dead })).warnings).toEqual([]);
});

test("a label of another organization is not warned about", async () => {
  const app = await createTestApp();
  const other = await buildOtherOrganization(app);
  await app.call("createApiToken", { token: other.adminToken, body: { label: "CI", role: "developer" } });
  expect((await buildToken(app, { label: "CI" })).warnings).toEqual([]);
});

test("an expiry in seconds counts from now, one with an offset is answered in UTC", async () => {
  const app = await createTestApp();
  expect((await buildToken(app, { expiresInSeconds: 90 })).expiresAt).toBe("2026-11-23T09:01:30.000Z");
  expect((await buildToken(app, { expiresAt: "2026-11-23T12:00:00.5+02:00" })).expiresAt).toBe(
    "2026-11-23T10:00:00.500Z",
  );
  expect((await buildToken(app, { expiresAt: null })).expiresAt).toBeNull();
});

test("a token works until its expiry and not from then on", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app, { expiresInSeconds: 60 });
  app.clock.advance({ seconds: 59, milliseconds: 999 });
  expect(await authenticate(app, token)).toBe("accepted");
  app.clock.advance({ milliseconds: 1 });
  expect(await authenticate(app, token)).toBe("authentication_expired");
  expect((await app.call("getApiToken", { id })).status).toBe("expired");
});

test("a deferred token is pending and cannot authenticate", async () => {
  const app = await createTestApp();
  const { id, token, status } = await buildPendingToken(app);
  expect(status).toBe("pending");
  expect(await authenticate(app, token)).toBe("authentication_pending");
  expect(await verify(app, token)).toBe("pending");
  expect((await app.call("getApiToken", { id })).lastUsed).toBeNull();
});

test("a token that is not activated within 15 minutes is gone, and its secret with it", async () => {
  const app = await createTestApp();
  const { id, token, fingerprint } = await buildPendingToken(app, { destination });
  app.clock.advance({ minutes: 14, seconds: 59, milliseconds: 999 });
  expect((await app.call("getApiToken", { id })).status).toBe("pending");
  app.clock.advance({ milliseconds: 1 });
  expect((await app.refused("getApiToken", { id })).code).toBe("api_token_not_found");
  expect((await app.refused("activateApiToken", { id, body: { fingerprint } })).code).toBe("api_token_not_found");
  expect((await app.refused("revokeApiToken", { id })).code).toBe("api_token_not_found");
  expect(await authenticate(app, token)).toBe("authentication_unknown");
  expect((await app.call("listApiTokens", { query: { status: "all", destination } })).total).toBe(0);
});

test("repeating a deferred creation answers the same id with a fresh secret, and the earlier one can never be activated", async () => {
  const app = await createTestApp();
  const request = { label: "CI", destination, managedBy: "infra/prod" };
  const first = await buildPendingToken(app, request);
  app.clock.advance({ minutes: 1 });
  const second = await buildPendingToken(app, request);
  expect(second).toMatchObject({ id: first.id, created: first.created, status: "pending", warnings: [] });
  expect(second.token).not.toBe(first.token);
  await changesNothing(app, async () => {
    const refused = await app.refused("activateApiToken", { id: first.id, body: { fingerprint: first.fingerprint } });
    expect(refused.code).toBe("secret_superseded");
  });
  await app.call("activateApiToken", { id: second.id, body: { fingerprint: second.fingerprint } });
  expect(await authenticate(app, second.token)).toBe("accepted");
  expect(await authenticate(app, first.token)).toBe("authentication_retired");
});

test("repeating a deferred creation gives the token its 15 minutes anew", async () => {
  const app = await createTestApp();
  const request = { label: "CI", destination };
  const first = await buildPendingToken(app, request);
  app.clock.advance({ minutes: 10 });
  const second = await buildPendingToken(app, request);
  app.clock.advance({ minutes: 10 });
  const activated = await app.call("activateApiToken", { id: first.id, body: { fingerprint: second.fingerprint } });
  expect(activated.status).toBe("active");
});

test("a creation for a destination whose token was discarded is a new token", async () => {
  const app = await createTestApp();
  const first = await buildPendingToken(app, { label: "CI", destination });
  app.clock.advance({ minutes: 15 });
  const second = await buildPendingToken(app, { label: "CI", destination });
  expect(second.id).not.toBe(first.id);
});

test.for([
  ["another label", { label: "Other" }],
  ["another role", { role: "admin" as const }],
  ["another owner namespace", { managedBy: "infra/test" }],
  ["no owner namespace", { managedBy: undefined }],
  ["immediate activation", { activation: "immediate" as const }],
] as const)("a creation for a pending token's destination with %s is destination_in_use", async ([, difference]) => {
  const app = await createTestApp();
  const request = { label: "CI", role: "developer", managedBy: "infra/prod", destination, activation: "deferred" };
  const { id } = await app.call("createApiToken", { body: request });
  const problem = await changesNothing(app, () =>
    app.refused("createApiToken", { body: { ...request, ...difference } }),
  );
  expect(problem).toMatchObject({ code: "destination_in_use", status: 409, apiTokenId: id });
});

test("a creation for an active token's destination is destination_in_use and names that token", async () => {
  const app = await createTestApp();
  const request = { label: "CI", destination };
  const { id, fingerprint } = await buildPendingToken(app, request);
  await app.call("activateApiToken", { id, body: { fingerprint } });
  const body = { ...request, role: "developer", activation: "deferred" };
  const problem = await changesNothing(app, () => app.refused("createApiToken", { body }));
  expect(problem).toMatchObject({ code: "destination_in_use", apiTokenId: id });
});

test("a destination is free again once its token is revoked or expired", async () => {
  const app = await createTestApp();
  const first = await buildToken(app, { destination });
  await app.call("revokeApiToken", { id: first.id });
  const second = await buildToken(app, { destination, expiresInSeconds: 60 });
  app.clock.advance({ seconds: 60 });
  const third = await buildToken(app, { destination });
  expect(new Set([first.id, second.id, third.id]).size).toBe(3);
});

test("two organizations may use the same destination without learning of each other", async () => {
  const app = await createTestApp();
  const other = await buildOtherOrganization(app);
  const theirs = await app.call("createApiToken", {
    token: other.adminToken,
    body: { label: "CI", role: "developer", destination },
  });
  const ours = await buildToken(app, { destination });
  expect(ours.id).not.toBe(theirs.id);
  expect(ours.accountId).toBe(app.organizationId);
});
