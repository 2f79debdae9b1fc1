import { expect, test } from "vitest";
import { changesNothing, createTestApp, type TestApp } from "../../support/app.ts";
import { authenticate, buildAdminToken, buildOtherOrganization, verify } from "../../support/builders.ts";
import { signIn } from "../../support/people.ts";

const body = { label: "CI", role: "developer" };
const header = { "Idempotency-Key": "0f0b6f0e-6f0e-4b7e-9a51-4c3c5f7b2a10" };

/** Creates with the same key, from the same body unless another is given. */
function create(app: TestApp, given: Readonly<Record<string, unknown>> = body) {
  return app.call("createApiToken", { body: given, header });
}

test("a repeated creation answers the same token with a fresh secret, and the first one works until that is used", async () => {
  const app = await createTestApp();
  const first = await create(app);
  const second = await create(app);
  const third = await create(app);
  expect(new Set([first.id, second.id, third.id]).size).toBe(1);
  expect(second.warnings).toMatchObject([{ code: "secret_reissued" }]);
  expect((await app.call("listApiTokens", { query: { label: "CI" } })).total).toBe(1);
  expect(await verify(app, second.token)).toBe("retired");
  expect(await authenticate(app, third.token)).toBe("accepted");
  expect(await authenticate(app, first.token)).toBe("authentication_retired");
});

test("the secret of the first answer stays good when the repetition's answer was lost", async () => {
  const app = await createTestApp();
  const first = await create(app);
  await create(app);
  expect(await authenticate(app, first.token)).toBe("accepted");
  expect(await authenticate(app, first.token)).toBe("accepted");
});

test("a token that was used was received: its key hands over no other secret, and names the token", async () => {
  const app = await createTestApp();
  const first = await create(app);
  await authenticate(app, first.token);
  const refuse = () => app.refused("createApiToken", { body, header });
  expect(await refuse()).toMatchObject({ code: "idempotency_key_spent", apiTokenId: first.id });
  await app.call("revokeApiToken", { id: first.id });
  expect(await changesNothing(app, refuse)).toMatchObject({ code: "idempotency_key_spent", apiTokenId: first.id });
});

test("another request under the same key is refused with the place, and the order of members makes no other", async () => {
  const app = await createTestApp();
  const first = await create(app);
  const problem = await changesNothing(app, () =>
    app.refused("createApiToken", { body: { ...body, role: "admin" }, header }),
  );
  expect(problem).toMatchObject({
    code: "idempotency_key_reused",
    errors: [{ pointer: "/header/Idempotency-Key", code: "value_unknown" }],
  });
  expect((await create(app, { role: "developer", label: "CI" })).id).toBe(first.id);
});

test("a key is forgotten after 24 hours, and is another organization's own", async () => {
  const app = await createTestApp();
  const { adminToken: token } = await buildOtherOrganization(app);
  const first = await create(app);
  expect((await app.call("createApiToken", { body, header, token })).id).not.toBe(first.id);
  app.clock.advance({ seconds: 24 * 3600 });
  expect((await create(app)).id).not.toBe(first.id);
});

test("a key is its caller's own: another token or user with the same request is handed no secret of the first one's", async () => {
  const app = await createTestApp();
  const { token } = await buildAdminToken(app);
  const session = await signIn(app);
  const first = await create(app);
  const byToken = await app.call("createApiToken", { body, header, token });
  const byUser = await app.call("createApiToken", { body, header, session });
  expect(new Set([first.id, byToken.id, byUser.id]).size).toBe(3);
  expect((await app.call("createApiToken", { body, header, session })).id).toBe(byUser.id);
  expect((await create(app)).id).toBe(first.id);
});

test("a pending token is repeated in place, and one that was discarded is as if it had never been", async () => {
  const app = await createTestApp();
  const deferred = { ...body, activation: "deferred" };
  const first = await create(app, deferred);
  const second = await create(app, deferred);
  expect(second).toMatchObject({ id: first.id, status: "pending", warnings: [] });
  const superseded = { id: first.id, body: { fingerprint: first.fingerprint } };
  expect((await app.refused("activateApiToken", superseded)).code).toBe("secret_superseded");
  app.clock.advance({ seconds: 15 * 60 });
  expect((await create(app, deferred)).id).not.toBe(first.id);
});

test("requests at once with one key generate one token", async () => {
  const app = await createTestApp();
  const answers = await Promise.all(Array.from({ length: 5 }, () => create(app)));
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect((await app.call("listApiTokens", { query: { label: "CI" } })).total).toBe(1);
});

test.each([["short"], ["with space in it"], ["comma,comma,comma"], ["x".repeat(201)]])(
  "the key %j is refused at its header",
  async (key) => {
    const app = await createTestApp();
    const problem = await changesNothing(app, () =>
      app.refused("createApiToken", { body, header: { "Idempotency-Key": key } }),
    );
    expect(problem).toMatchObject({ code: "request_invalid", errors: [{ pointer: "/header/Idempotency-Key" }] });
  },
);
