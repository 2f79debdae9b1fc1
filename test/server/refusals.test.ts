import { expect, test } from "vitest";
import { createTestApp, type TestApp, type TestCall } from "../support/app.ts";
import { buildAdminToken, buildOtherOrganization, buildToken } from "../support/builders.ts";
import { buildSignedIn, signIn } from "../support/people.ts";
import { readTrail, reopen, trailOf } from "../support/trail.ts";

const refused = { action: "request.refused" };

async function buildRevokedAdmin(app: TestApp) {
  const admin = await buildAdminToken(app);
  await app.call("revokeApiToken", { id: admin.id });
  return admin;
}

test("a Developer token's administrative attempt is an event: who, what, at which token, from where, why", async () => {
  const app = await createTestApp();
  const developer = await buildToken(app, { label: "Reader" });
  const victim = await buildToken(app, { label: "Deploy" });
  const { requestId } = await app.refused("revokeApiToken", { id: victim.id, token: developer.token });
  const [event] = await trailOf(app, refused, 1);
  expect(event).toMatchObject({
    outcome: "refused",
    actor: { type: "api_token", id: developer.id, label: "Reader" },
    target: { type: "api_token", id: victim.id, label: "Deploy" },
    ip: "127.0.0.1",
    requestId,
    before: null,
    after: { operationId: "revokeApiToken", code: "role_insufficient", attempts: 1 },
  });
});

test.for([
  ["an id of another organization", "0199f3a1b2c40d5e6f708192"],
  ["something that is no id", "..%2F%00"],
] as const)("an attempt at %s is an event without a target", async ([, id]) => {
  const app = await createTestApp();
  const developer = await buildToken(app);
  await app.refused("getApiToken", { id, token: developer.token });
  expect(await trailOf(app, refused, 1)).toMatchObject([{ target: null, after: { operationId: "getApiToken" } }]);
});

test.for([
  ["revoked", "authentication_revoked"],
  ["expired", "authentication_expired"],
  ["retired", "authentication_retired"],
] as const)("an administrative attempt with a %s token is an event of the token that it was", async ([kind, code]) => {
  const app = await createTestApp();
  const admin = await buildAdminToken(app);
  if (kind === "revoked") await app.call("revokeApiToken", { id: admin.id });
  if (kind === "retired") await app.call("rotateApiToken", { id: admin.id, body: { gracePeriodSeconds: 0 } });
  if (kind === "expired") {
    await app.call("updateApiToken", { id: admin.id, body: { expiresInSeconds: 60 } });
    app.clock.advance({ minutes: 2 });
  }
  expect((await app.refused("listApiTokens", { token: admin.token })).code).toBe(code);
  expect(await trailOf(app, refused, 1)).toMatchObject([
    { actor: { id: admin.id }, target: null, after: { operationId: "listApiTokens", code, attempts: 1 } },
  ]);
});

const policies = [
  ["label_confirmation_mismatch", {}, "revokeApiToken", { query: { confirmLabel: "Other" } }],
  ["label_confirmation_missing", { labelConfirmation: "required" }, "revokeApiToken", {}],
  ["policy_refused", { tokenRoles: ["developer"] }, "createApiToken", { body: { label: "x", role: "admin" } }],
  ["label_in_use", { duplicateLabels: "refuse" }, "createApiToken", { body: { label: "CI", role: "developer" } }],
  [
    "tokens_may_not_generate",
    { tokensMayGenerate: false },
    "createApiToken",
    { body: { label: "x", role: "developer" } },
  ],
] as const;

test.for(policies)("a change refused with %s is an event", async ([code, policy, operationId, call]) => {
  const app = await createTestApp();
  const { id } = await buildToken(app, { label: "CI" });
  if (Object.keys(policy).length > 0) await app.call("updateOrganizationPolicy", { body: policy });
  expect((await app.refused(operationId, { id, ...(call as TestCall) })).code).toBe(code);
  expect(await trailOf(app, refused, 1)).toMatchObject([
    { actor: { label: "First Admin token" }, after: { operationId, code, attempts: 1 } },
  ]);
});

test("a signed-in Developer's attempt is an event of the user", async () => {
  const app = await createTestApp();
  const { id, email, session } = await buildSignedIn(app, "developer");
  await app.refused("listApiTokens", { session });
  expect(await trailOf(app, refused, 1)).toMatchObject([
    { actor: { type: "user", id, label: email }, after: { operationId: "listApiTokens", code: "role_insufficient" } },
  ]);
});

test("an attempt that another site makes in an admin's name, and one to remove the last admin, are events", async () => {
  const app = await createTestApp();
  const session = await signIn(app);
  const forged = { ...session, csrfToken: "x".repeat(43) };
  const body = { label: "x", role: "developer" };
  expect((await app.refused("createApiToken", { session: forged, body })).code).toBe("csrf_token_invalid");
  const { users } = await app.call("listUsers");
  expect((await app.refused("removeUser", { id: users[0]?.id ?? "" })).code).toBe("last_admin");
  const events = await trailOf(app, refused, 2);
  expect(events.map(({ actor, after }) => [actor.type, after?.["operationId"], after?.["code"]])).toEqual([
    ["user", "createApiToken", "csrf_token_invalid"],
    ["api_token", "removeUser", "last_admin"],
  ]);
});

test("what is no attempt at administration leaves no event", async () => {
  const app = await createTestApp();
  const revoked = await buildRevokedAdmin(app);
  await app.refused("getMe", { token: revoked.token });
  await app.refused("listApiTokens", { token: null });
  await app.refused("listApiTokens", { token: "tok_mistyped" });
  await app.refused("createApiToken", { body: { label: "" } });
  await app.refused("getApiToken", { id: "0199f3a1b2c40d5e6f708192" });
  const after = await reopen(app);
  expect(await readTrail(after, refused)).toEqual([]);
});

test("a flood of attempts is an event at once and one more for each window, which says how many they were", async () => {
  const app = await createTestApp();
  const { token } = await buildToken(app);
  const attempt = async (times: number) => {
    for (let count = 0; count < times; count += 1) await app.refused("listApiTokens", { token });
  };
  await attempt(5);
  app.clock.advance({ minutes: 1 });
  await attempt(3);
  // The second window is two minutes long.
  app.clock.advance({ minutes: 1 });
  await attempt(2);
  app.clock.advance({ minutes: 1 });
  await attempt(4);
  const after = await reopen(app);
  const events = await readTrail(after, refused);
  expect(events.map((event) => event.after?.["attempts"])).toEqual([1, 4, 5, 4]);
});

test("attempts of each actor, operation and reason are counted apart, and each organization sees its own", async () => {
  const app = await createTestApp();
  const [one, two] = [await buildToken(app), await buildToken(app)];
  const other = await buildOtherOrganization(app);
  const body = { label: "Other", role: "developer" };
  const theirs = await app.call("createApiToken", { token: other.adminToken, body });
  for (const { token } of [one, two, one, two, theirs]) {
    await app.refused("listApiTokens", { token });
    await app.refused("listAuditEvents", { token });
  }
  const after = await reopen(app);
  const events = await readTrail(after, refused);
  expect(events.filter((event) => event.after?.["attempts"] === 1)).toHaveLength(8);
  expect(new Set(events.map(({ actor }) => actor.id))).toEqual(new Set([one.id, two.id]));
});

test("a refusal is answered while the database cannot record it, and recorded when it can again", async () => {
  let isDown = false;
  const app = await createTestApp({
    wrap: (database) => ({
      ...database,
      transact: (work) => (isDown ? Promise.reject(new Error("the database is away")) : database.transact(work)),
    }),
  });
  const { token } = await buildToken(app);
  await app.refused("getMe", { token: null });
  await app.call("getMe", { token });
  isDown = true;
  expect((await app.refused("listApiTokens", { token })).code).toBe("role_insufficient");
  isDown = false;
  expect(await trailOf(await reopen(app), refused, 1)).toHaveLength(1);
});
