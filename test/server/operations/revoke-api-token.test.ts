import { expect, test } from "vitest";
import { changesNothing, createTestApp } from "../../support/app.ts";
import { authenticate, buildAdminToken, buildExpiredToken, buildToken } from "../../support/builders.ts";

test("a revoked token is dead at once, also for a replica that verified it a moment ago", async () => {
  const app = await createTestApp();
  const replica = await createTestApp({ beside: app });
  const { id, token } = await buildToken(app);
  expect(await authenticate(replica, token)).toBe("accepted");
  const answer = await app.answer("revokeApiToken", { id });
  expect(answer.status).toBe(204);
  expect(await authenticate(replica, token)).toBe("authentication_revoked");
  expect(await authenticate(app, token)).toBe("authentication_revoked");
});

test("revoking again answers 204 and changes nothing", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  await app.call("revokeApiToken", { id });
  app.clock.advance({ minutes: 1 });
  const again = await changesNothing(app, () => app.answer("revokeApiToken", { id }));
  expect(again.status).toBe(204);
  expect(await app.call("getApiToken", { id })).toMatchObject({
    status: "revoked",
    revokedAt: "2026-11-23T09:00:00.000Z",
  });
});

test("a label typed to confirm must be the token's, to the letter", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app, { label: "Nightly build" });
  for (const confirmLabel of ["nightly build", "Nightly build ", "Nightly"]) {
    const problem = await changesNothing(app, () => app.refused("revokeApiToken", { id, query: { confirmLabel } }));
    expect(problem).toMatchObject({
      code: "label_confirmation_mismatch",
      status: 412,
      errors: [{ pointer: "/query/confirmLabel" }],
    });
  }
  expect(await authenticate(app, token)).toBe("accepted");
  await app.call("revokeApiToken", { id, query: { confirmLabel: "Nightly build" } });
  expect(await authenticate(app, token)).toBe("authentication_revoked");
});

test("an expired token can be revoked", async () => {
  const app = await createTestApp();
  const { id } = await buildExpiredToken(app);
  await app.call("revokeApiToken", { id });
  expect((await app.call("getApiToken", { id })).status).toBe("revoked");
});

test("an Admin token may revoke itself, and that is the last it does", async () => {
  const app = await createTestApp();
  const { id, token } = await buildAdminToken(app);
  await app.call("revokeApiToken", { id, token });
  expect((await app.refused("listApiTokens", { token })).code).toBe("authentication_revoked");
});

test("a revoked token keeps what it was: label, owner, last use and destination can still be looked up", async () => {
  const app = await createTestApp();
  const { id, token, label } = await buildToken(app, { destination: "file:///run/secrets/ci" });
  await authenticate(app, token);
  await app.call("revokeApiToken", { id });
  expect(await app.call("getApiToken", { id })).toMatchObject({
    label,
    status: "revoked",
    lastUsed: "2026-11-23T09:00:00.000Z",
    destination: "file:///run/secrets/ci",
  });
});
