import { expect, test } from "vitest";
import type { Database } from "../../server/domain/stores.ts";
import { verifyAudit } from "../../server/verify-audit.ts";
import { createTestApp, type TestApp, type TestCall, toRequest } from "../support/app.ts";
import { buildPendingToken, buildToken } from "../support/builders.ts";
import { buildSignedIn, signIn } from "../support/people.ts";
import { readTrail, reopen } from "../support/trail.ts";

/** Runs `act` and gives the events it left, and no other. */
async function eventsOf(app: TestApp, act: () => Promise<unknown>) {
  const known = new Set((await readTrail(app)).map(({ id }) => id));
  await act();
  return (await readTrail(app)).filter(({ id }) => !known.has(id));
}

const idempotencyKey = { "Idempotency-Key": "0199f3a1-b2c4-0d5e" };

const steps: readonly (readonly [
  what: string,
  prepare: (app: TestApp) => Promise<{ readonly id: string; readonly token: string; readonly fingerprint: string }>,
  operationId: Parameters<TestApp["call"]>[0],
  call: (given: { readonly id: string; readonly token: string; readonly fingerprint: string }) => TestCall,
  event: Readonly<Record<string, unknown>>,
])[] = [
  [
    "a creation",
    buildToken,
    "createApiToken",
    () => ({ body: { label: "CI", role: "developer", destination: "vault://kv/ci#token", managedBy: "infra" } }),
    {
      action: "api_token.created",
      before: null,
      after: {
        label: "CI",
        description: null,
        role: "developer",
        expiresAt: null,
        destination: "vault://kv/ci#token",
        managedBy: "infra",
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    },
  ],
  [
    "a repeated deferred creation",
    (app) => buildPendingToken(app, { label: "CI", destination: "vault://kv/ci#token" }),
    "createApiToken",
    () => ({
      body: { label: "CI", role: "developer", destination: "vault://kv/ci#token", activation: "deferred" },
    }),
    { action: "api_token.reissued", before: null, after: expect.objectContaining({ label: "CI" }) },
  ],
  [
    "a creation repeated by its Idempotency-Key",
    (app) => app.call("createApiToken", { body: { label: "CI", role: "developer" }, header: idempotencyKey }),
    "createApiToken",
    () => ({ body: { label: "CI", role: "developer" }, header: idempotencyKey }),
    { action: "api_token.reissued", before: null, after: expect.objectContaining({ label: "CI" }) },
  ],
  [
    "a change",
    (app) => buildToken(app, { label: "CI" }),
    "updateApiToken",
    ({ id }) => ({ id, body: { label: "Nightly", description: "Builds", expiresInSeconds: 60 } }),
    {
      action: "api_token.updated",
      before: { label: "CI", description: null, expiresAt: null },
      after: { label: "Nightly", description: "Builds", expiresAt: "2026-11-23T09:01:00.000Z" },
    },
  ],
  [
    "an activation",
    buildPendingToken,
    "activateApiToken",
    ({ id, fingerprint }) => ({ id, body: { fingerprint } }),
    { action: "api_token.activated" },
  ],
  [
    "a rotation that waits",
    buildToken,
    "rotateApiToken",
    ({ id }) => ({ id, body: { activation: "deferred" } }),
    { action: "api_token.rotation_started" },
  ],
  ["a rotation", buildToken, "rotateApiToken", ({ id }) => ({ id, body: {} }), { action: "api_token.rotated" }],
  [
    "a revocation",
    (app) => buildToken(app, { label: "CI" }),
    "revokeApiToken",
    ({ id }) => ({ id }),
    { action: "api_token.revoked", before: expect.objectContaining({ label: "CI", role: "developer" }), after: null },
  ],
  [
    "a change of policy",
    buildToken,
    "updateOrganizationPolicy",
    () => ({ body: { onLeak: "revoke" } }),
    { action: "organization.policy_updated", before: { onLeak: "notify" }, after: { onLeak: "revoke" } },
  ],
];

test.for(steps)("%s leaves exactly its event: who, what, from where, before and after", async (step) => {
  const [, prepare, operationId, call, expected] = step;
  const app = await createTestApp();
  const given = await prepare(app);
  let requestId: string | undefined;
  const events = await eventsOf(app, async () => {
    const request = toRequest(operationId, { token: app.adminToken, ...call(given) });
    const answer = await app.send({ ...request, headers: { ...request.headers, "user-agent": "curl/8.5.0" } });
    expect(answer.status, answer.text).toBeLessThan(300);
    requestId = answer.headers["x-request-id"];
  });
  expect(events).toMatchObject([
    {
      outcome: "done",
      at: app.clock.now().toISOString(),
      actor: { type: "api_token", label: "First Admin token" },
      ip: "127.0.0.1",
      userAgent: "curl/8.5.0",
      requestId,
      ...expected,
    },
  ]);
  const [{ target } = { target: null }] = events;
  if (operationId !== "updateOrganizationPolicy") expect(target).toMatchObject({ type: "api_token" });
  if (operationId !== "createApiToken" && target?.type === "api_token") expect(target.id).toBe(given.id);
});

test("what a signed-in admin does is an event of the user, from signing in to signing out", async () => {
  const app = await createTestApp();
  const { id: userId, email } = await buildSignedIn(app, "admin");
  const events = await eventsOf(app, async () => {
    const session = await signIn(app, email);
    const { id } = await app.call("createApiToken", { session, body: { label: "By hand", role: "developer" } });
    await app.call("updateOrganizationPolicy", { session, body: { duplicateLabels: "refuse" } });
    await app.call("revokeApiToken", { session, id });
    const elsewhere = await signIn(app, email);
    const { sessions } = await app.call("listSessions", { session: elsewhere });
    const current = sessions.find((one) => one.current);
    await app.call("revokeSession", { session, id: current?.id ?? "" });
    await app.call("signOut", { session });
  });
  expect(events.map(({ action }) => action)).toEqual([
    "session.created",
    "api_token.created",
    "organization.policy_updated",
    "api_token.revoked",
    "session.created",
    "session.revoked",
    "session.revoked",
  ]);
  const [begun, , , , begunElsewhere, endedElsewhere, ended] = events;
  expect(endedElsewhere?.before).toEqual({ session: begunElsewhere?.after?.["session"] });
  expect(ended?.before).toEqual({ session: begun?.after?.["session"] });
  for (const event of events) {
    expect(event).toMatchObject({
      outcome: "done",
      actor: { type: "user", id: userId, label: email },
      ip: "127.0.0.1",
    });
    expect(event.requestId).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test("the first use of a rotation's new secret is an event of the token itself, and only the first", async () => {
  const app = await createTestApp();
  const { id, label } = await buildToken(app);
  const { token } = await app.call("rotateApiToken", { id, body: { activation: "deferred" } });
  const events = await eventsOf(app, async () => {
    await app.call("getMe", { token });
    await app.call("getMe", { token });
  });
  expect(events).toMatchObject([
    { action: "api_token.rotated", actor: { type: "api_token", id, label }, target: { id } },
  ]);
});

test("what changes nothing leaves no event", async () => {
  const app = await createTestApp();
  const { id, label, fingerprint, token } = await buildToken(app);
  const events = await eventsOf(app, async () => {
    await app.call("updateApiToken", { id, body: { label } });
    await app.call("activateApiToken", { id, body: { fingerprint } });
    await app.call("getMe", { token });
    await app.call("listApiTokens");
    await app.call("updateOrganizationPolicy", { body: { onLeak: "notify" } });
    await app.refused("createApiToken", { body: { label: "" } });
  });
  expect(events).toEqual([]);
});

test("revoking twice is one event", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  const events = await eventsOf(app, async () => {
    await app.call("revokeApiToken", { id });
    await app.call("revokeApiToken", { id });
  });
  expect(events).toHaveLength(1);
});

test("a change that is rolled back leaves no event, and a change whose event cannot be written is rolled back", async () => {
  let fails: "after" | "event" | "never" = "never";
  const wrap = (database: Database): Database => ({
    ...database,
    transact: (work) =>
      database.transact(async (stores) => {
        const append = async () => {
          throw new Error("the disk is full");
        };
        const broken = { ...stores, auditEvents: { ...stores.auditEvents, appendAuditEvent: append } };
        const result = await work(fails === "event" ? broken : stores);
        if (fails === "after") throw new Error("the connection was lost");
        return result;
      }),
  });
  const app = await createTestApp({ wrap });
  const { id } = await buildToken(app);
  const events = await eventsOf(app, async () => {
    for (const failure of ["after", "event"] as const) {
      fails = failure;
      expect((await app.refused("createApiToken", { body: { label: "Lost", role: "developer" } })).status).toBe(503);
      expect((await app.refused("revokeApiToken", { id })).status).toBe(503);
    }
    fails = "never";
  });
  expect(events).toEqual([]);
  expect((await app.call("getApiToken", { id })).status).toBe("active");
  expect((await app.call("listApiTokens", { query: { label: "Lost" } })).total).toBe(0);
});

test("no event, answer about events or log line holds a secret, whatever was done and refused with it", async () => {
  const app = await createTestApp();
  const created = await buildToken(app, { role: "admin" });
  const pending = await buildPendingToken(app);
  const rotated = await app.call("rotateApiToken", { id: created.id, body: { gracePeriodSeconds: 0 } });
  await app.refused("listApiTokens", { token: created.token });
  await app.refused("getMe", { token: pending.token });
  await app.call("verifyApiToken", { body: { token: created.token } });
  await app.call("revokeApiToken", { id: created.id });
  await app.refused("createApiToken", { token: rotated.token, body: { label: "x", role: "developer" } });
  const after = await reopen(app);
  const events = await readTrail(after);
  expect(events.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["request.refused", "api_token.used_when_dead", "api_token.revoked"]),
  );
  const written = JSON.stringify([events, after.allContents(), app.log(), after.log()]);
  for (const secret of [app.adminToken, created.token, pending.token, rotated.token]) {
    expect(written).not.toContain(secret);
    expect(written).not.toContain(secret.slice(8));
  }
});

test("writers at once on several replicas keep the chain without gaps and intact", async () => {
  const app = await createTestApp();
  const replicas = [app, await createTestApp({ beside: app }), await createTestApp({ beside: app })];
  const { token: developer } = await buildToken(app);
  const { id: rotating } = await buildToken(app);
  await Promise.all(
    replicas.flatMap((replica) =>
      Array.from({ length: 8 }, async (_, index) => {
        const { id } = await buildToken(replica);
        if (index % 2 === 0) await replica.call("revokeApiToken", { id });
        else await replica.call("rotateApiToken", { id: rotating, body: {} });
        await replica.refused("listApiTokens", { token: developer });
      }),
    ),
  );
  for (const replica of replicas.slice(1)) await replica.close();
  const after = await reopen(app);
  const sequences = (await readTrail(after)).map(({ sequence }) => sequence);
  expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, index) => index + 1));
  expect(sequences.length).toBeGreaterThanOrEqual(3 + 2 + 2 * 24 + replicas.length);
  for await (const { fault } of verifyAudit(after.database, undefined, () => undefined)) expect(fault).toBeNull();
});
