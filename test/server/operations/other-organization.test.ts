import { expect, test } from "vitest";
import type { OperationId } from "../../../server/operations/operation.ts";
import { contractRoutes } from "../../support/answer-check.ts";
import { changesNothing, createTestApp, type TestApp, type TestCall } from "../../support/app.ts";
import { buildOtherOrganization, buildPendingToken, buildToken } from "../../support/builders.ts";
import { buildUser, signIn } from "../../support/people.ts";

const nobodys = "0199f3a1b2c40d5e6f708192";
const operations = [...contractRoutes].flatMap(([operationId, route]) =>
  isOperationId(operationId) && route.callers !== "public" ? [{ operationId, ...route }] : [],
);
const withId = operations.filter(({ path }) => path.includes("{id}"));
const withoutId = operations.filter(({ path }) => !path.includes("{"));

/** Ours has something of everything; Eve administers the other organization. */
async function buildTwoOrganizations(app: TestApp) {
  const other = await buildOtherOrganization(app);
  const token = await buildToken(app, { label: "Our CI", destination: "vault://kv/ci#token", managedBy: "infra/prod" });
  const user = await buildUser(app);
  const session = await signIn(app);
  const { sessions } = await app.call("listSessions", { token: null, session });
  return {
    eve: { token: other.adminToken, session: await signIn(app, other.adminEmail), id: other.organizationId },
    ours: { token, "api-tokens": token.id, users: user.id, sessions: sessions[0]?.id ?? "", email: user.email },
  };
}

/** A call as Eve: by her token, or by her session where the operation is for people. */
function asEve({ token, session }: { readonly token: string; readonly session: TestCall["session"] }, callers: string) {
  return callers === "user" ? { token: null, ...(session === undefined ? {} : { session }) } : { token };
}

test.for(withId)(
  "$operationId with another organization's id answers exactly as with an id that nobody has",
  async ({ operationId, callers, path, bodyExample: body }) => {
    const app = await createTestApp();
    const { eve, ours } = await buildTwoOrganizations(app);
    const kind = path.split("/")[2];
    const id = kind === "api-tokens" || kind === "users" || kind === "sessions" ? ours[kind] : undefined;
    expect(id, `what is an {id} of ${path}?`).toMatch(/^[0-9a-f]{24}$/);
    const ask = async (wanted = "") => {
      const call = { ...asEve(eve, callers), id: wanted, ...(body === undefined ? {} : { body }) };
      const { requestId: _, ...problem } = await app.refused(operationId, call);
      return problem;
    };
    const missing = await ask(nobodys);
    expect(missing.code).toMatch(/_not_found$/);
    expect(await changesNothing(app, () => ask(id))).toEqual(missing);
  },
);

test.for(withoutId)(
  "$operationId shows nothing of another organization",
  async ({ operationId, callers, bodyExample: body }) => {
    const app = await createTestApp();
    const { eve, ours } = await buildTwoOrganizations(app);
    const call = { ...asEve(eve, callers), ...(body === undefined ? {} : { body }) };
    const { status, text } = await app.answer(operationId, call);
    // A refusal would show nothing for another reason.
    expect(status, text).toBeLessThan(300);
    for (const mark of [ours.token.id, ours.token.label, ours.email, ours.users, ours.sessions, app.organizationId]) {
      expect(text).not.toContain(mark);
    }
  },
);

test("no filter and no cursor of a list reaches into another organization", async () => {
  const app = await createTestApp();
  const { eve, ours } = await buildTwoOrganizations(app);
  const { token } = eve;
  for (const query of [
    { status: "all" },
    { cursor: ours.token.id },
    { label: "Our CI" },
    { search: "our" },
    { destination: "vault://kv/ci#token" },
    { managedBy: "infra/prod" },
  ]) {
    const { tokens } = await app.call("listApiTokens", { token, query });
    expect(
      tokens.filter(({ accountId }) => accountId !== eve.id),
      JSON.stringify(query),
    ).toEqual([]);
  }
  const { events } = await app.call("listAuditEvents", { token, query: { targetId: ours.token.id } });
  expect(events).toEqual([]);
});

test("another organization's token is unknown to whoever verifies, introspects or revokes it by its full text", async () => {
  const app = await createTestApp();
  const { eve, ours } = await buildTwoOrganizations(app);
  const call = { token: eve.token, body: { token: ours.token.token } };
  expect(await app.call("verifyApiToken", call)).toMatchObject({ active: false, reason: "unknown", apiToken: null });
  expect(await app.call("introspectToken", call)).toEqual({ active: false });
  await changesNothing(app, () => app.call("revokeToken", call));
});

test("another organization's destination is free, and its label no duplicate", async () => {
  const app = await createTestApp();
  const { eve } = await buildTwoOrganizations(app);
  const body = { label: "Our CI", role: "developer", destination: "vault://kv/ci#token" };
  expect((await app.call("createApiToken", { token: eve.token, body })).warnings).toEqual([]);
});

test("activating another organization's pending secret with its right fingerprint finds nothing", async () => {
  const app = await createTestApp();
  const { adminToken: token } = await buildOtherOrganization(app);
  const { id, fingerprint } = await buildPendingToken(app);
  expect((await app.refused("activateApiToken", { token, id, body: { fingerprint } })).code).toBe(
    "api_token_not_found",
  );
});

function isOperationId(id: string): id is OperationId {
  return contractRoutes.has(id);
}
