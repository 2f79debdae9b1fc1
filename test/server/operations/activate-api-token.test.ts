import { expect, test } from "vitest";
import { changesNothing, createTestApp, type TestApp } from "../../support/app.ts";
import {
  authenticate,
  buildExpiredToken,
  buildPendingToken,
  buildRetiredToken,
  buildRevokedToken,
  buildToken,
} from "../../support/builders.ts";

const unknown = "0123456789abcdef";

function activate(app: TestApp, id: string, fingerprint: string) {
  return app.call("activateApiToken", { id, body: { fingerprint } });
}

test("an activated token is active, and stays after the 15 minutes", async () => {
  const app = await createTestApp();
  const { id, token, fingerprint } = await buildPendingToken(app);
  expect(await activate(app, id, fingerprint)).toMatchObject({ id, status: "active", fingerprint, rotatedAt: null });
  app.clock.advance({ days: 30 });
  expect(await authenticate(app, token)).toBe("accepted");
});

test("activating the current secret again answers the same and changes nothing", async () => {
  const app = await createTestApp();
  const { id, fingerprint } = await buildPendingToken(app);
  const first = await activate(app, id, fingerprint);
  app.clock.advance({ minutes: 1 });
  expect(await changesNothing(app, () => activate(app, id, fingerprint))).toEqual(first);
});

test("activating a rotation's secret again, also one that its use activated, does not restart the grace period", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  const rotated = await app.call("rotateApiToken", { id, body: { activation: "deferred", gracePeriodSeconds: 60 } });
  expect(await authenticate(app, rotated.token)).toBe("accepted");
  app.clock.advance({ seconds: 59 });
  await changesNothing(app, () => activate(app, id, rotated.newFingerprint ?? ""));
  expect(await authenticate(app, token)).toBe("accepted");
  app.clock.advance({ seconds: 1 });
  expect(await authenticate(app, token)).toBe("authentication_retired");
});

test("a fingerprint that no secret of the token has is activation_not_pending", async () => {
  const app = await createTestApp();
  const active = await buildToken(app);
  const pending = await buildPendingToken(app);
  for (const { id } of [active, pending]) {
    const problem = await changesNothing(app, () =>
      app.refused("activateApiToken", { id, body: { fingerprint: unknown } }),
    );
    expect(problem).toMatchObject({ code: "activation_not_pending", status: 409 });
  }
  const crossed = await app.refused("activateApiToken", { id: active.id, body: { fingerprint: pending.fingerprint } });
  expect(crossed.code).toBe("activation_not_pending");
});

test("a secret that was replaced is secret_superseded, whether it is over or still in its grace period", async () => {
  const app = await createTestApp();
  const over = await buildRetiredToken(app);
  const retiring = await buildToken(app);
  await app.call("rotateApiToken", { id: retiring.id, body: {} });
  for (const { id, fingerprint } of [over, retiring]) {
    const problem = await changesNothing(app, () => app.refused("activateApiToken", { id, body: { fingerprint } }));
    expect(problem).toMatchObject({ code: "secret_superseded", status: 409 });
  }
});

test.for([
  ["revoked", buildRevokedToken],
  ["expired", buildExpiredToken],
] as const)("a %s token is refused activation by that name", async ([status, build]) => {
  const app = await createTestApp();
  const { id, fingerprint } = await build(app);
  const problem = await changesNothing(app, () => app.refused("activateApiToken", { id, body: { fingerprint } }));
  expect(problem).toMatchObject({ code: `api_token_${status}`, status: 409 });
});

test("a pending token that was revoked can never be activated", async () => {
  const app = await createTestApp();
  const { id, fingerprint, token } = await buildPendingToken(app);
  await app.call("revokeApiToken", { id });
  expect((await app.refused("activateApiToken", { id, body: { fingerprint } })).code).toBe("api_token_revoked");
  expect(await authenticate(app, token)).toBe("authentication_revoked");
});

test.for([
  ["too short", "0123", "value_too_short"],
  ["in capitals", "0123456789ABCDEF", "format_wrong"],
] as const)("a fingerprint that is %s is refused with its place", async ([, fingerprint, code]) => {
  const app = await createTestApp();
  const { id } = await buildPendingToken(app);
  const problem = await app.refused("activateApiToken", { id, body: { fingerprint } });
  expect(problem).toMatchObject({ code: "request_invalid", errors: [{ pointer: "/body/fingerprint", code }] });
});
