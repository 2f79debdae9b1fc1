import { expect, test } from "vitest";
import type { Database } from "../../../server/domain/stores.ts";
import type { OperationId } from "../../../server/operations/operation.ts";
import { contractRoutes } from "../../support/answer-check.ts";
import { changesNothing, createTestApp, parseProblem, type TestApp } from "../../support/app.ts";
import {
  buildAdminToken,
  buildExpiredToken,
  buildPendingToken,
  buildRetiredToken,
  buildRevokedToken,
  buildToken,
  buildUnknownToken,
} from "../../support/builders.ts";

const operationIds = [...contractRoutes.keys()] as OperationId[];
const adminOperations = operationIds.filter((id) => contractRoutes.get(id)?.callers === "admin");
const tokenOperations = operationIds.filter((id) => contractRoutes.get(id)?.callers !== "public");
const someId = "0199f3a1b2c40d5e6f708192";

/** A request of the caller itself with the header fields given. */
function me(app: TestApp, headers: Readonly<Record<string, string | string[]>>) {
  return app.send({ method: "GET", url: "/v2/me", headers });
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

test.for(tokenOperations)("%s without a token is authentication_missing", async (operationId) => {
  const app = await createTestApp();
  const problem = await changesNothing(app, () => app.refused(operationId, { id: someId, token: null }));
  expect(problem.code).toBe("authentication_missing");
});

test("a request without a token learns how to authenticate and nothing else", async () => {
  const app = await createTestApp();
  const answer = await app.answer("getMe", { token: null });
  expect(answer.headers["www-authenticate"]).toBe('Bearer realm="orgtokens"');
});

test("a refused token is told so in WWW-Authenticate as RFC 6750 says", async () => {
  const app = await createTestApp();
  const answer = await app.answer("getMe", { token: buildUnknownToken() });
  expect(answer.headers["www-authenticate"]).toBe(
    'Bearer realm="orgtokens", error="invalid_token", error_description="The token is unknown"',
  );
});

test.for([
  ["unknown", async () => buildUnknownToken()],
  ["revoked", async (app: TestApp) => (await buildRevokedToken(app)).token],
  ["expired", async (app: TestApp) => (await buildExpiredToken(app)).token],
  ["pending", async (app: TestApp) => (await buildPendingToken(app)).token],
  ["retired", async (app: TestApp) => (await buildRetiredToken(app)).token],
] as const)("a token that is %s is refused by that name, and never noted as used", async ([name, build]) => {
  const app = await createTestApp();
  const token = await build(app);
  const before = await app.call("listApiTokens", { query: { status: "all", limit: 1 } });
  const problem = await changesNothing(app, () => app.refused("getMe", { token }));
  expect(problem.code).toBe(`authentication_${name}`);
  const after = await app.call("listApiTokens", { query: { status: "all", limit: 1 } });
  expect(after.tokens[0]?.lastUsed).toBe(before.tokens[0]?.lastUsed);
});

test.for([
  ["is no token at all", () => "hunter2"],
  [
    "has a mistyped character",
    (token: string) => token.slice(0, 20) + (token[20] === "x" ? "y" : "x") + token.slice(21),
  ],
  ["has two characters swapped", (token: string) => swap(token)],
  ["is cut short", (token: string) => token.slice(0, -1)],
  ["has something after it", (token: string) => `${token}0`],
  ["has another prefix", (token: string) => `key_${token.slice(4)}`],
] as const)("a token that %s is malformed, and the database is not asked", async ([, spoil]) => {
  let asked = 0;
  const app = await createTestApp({ wrap: (database) => countLookups(database, () => asked++) });
  const problem = await app.refused("getMe", { token: spoil(app.adminToken) });
  expect(problem.code).toBe("authentication_malformed");
  expect(asked).toBe(0);
});

test("X-API-KEY, Bearer and Basic with the token as user name all authenticate", async () => {
  const app = await createTestApp();
  for (const headers of [
    { "x-api-key": app.adminToken },
    { "X-API-KEY": app.adminToken },
    { authorization: `Bearer ${app.adminToken}` },
    { authorization: `bearer ${app.adminToken}` },
    { authorization: basic(`${app.adminToken}:`) },
  ]) {
    expect((await me(app, headers)).status, JSON.stringify(Object.keys(headers))).toBe(200);
  }
});

test("Basic with a token's id and the token authenticates, as OAuth clients write it, and with another id does not", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  const encoded = token.replaceAll("_", "%5F");
  for (const text of [`${id}:${token}`, `${id}:${encoded}`, `${encoded}:`]) {
    expect((await me(app, { authorization: basic(text) })).status, text.replace(token, "")).toBe(200);
  }
  const other = await buildToken(app);
  for (const text of [`${other.id}:${token}`, `${someId}:${token}`]) {
    expect(parseProblem(await me(app, { authorization: basic(text) })).code).toBe("authentication_unknown");
  }
});

test("who may not do something is told in WWW-Authenticate what would be needed, as RFC 6750 says", async () => {
  const app = await createTestApp();
  const { token } = await buildToken(app);
  const { headers } = await app.answer("listApiTokens", { token });
  expect(headers["www-authenticate"]).toBe(
    'Bearer realm="orgtokens", error="insufficient_scope", error_description="The role does not allow this", scope="admin"',
  );
});

test.for([
  ["Basic with a password", (token: string) => basic(`${token}:password`)],
  ["Basic without a colon", (token: string) => basic(token)],
  ["Bearer without a token", () => "Bearer"],
  ["another scheme", (token: string) => `Digest ${token}`],
  ["two words after the scheme", (token: string) => `Bearer ${token} ${token}`],
] as const)("%s is malformed, not another caller", async ([, header]) => {
  const app = await createTestApp();
  expect(parseProblem(await me(app, { authorization: header(app.adminToken) })).code).toBe("authentication_malformed");
});

test.for([
  ["X-API-KEY and Bearer", (a: string, b: string) => ({ "x-api-key": a, authorization: `Bearer ${b}` })],
  ["X-API-KEY twice", (a: string, b: string) => ({ "x-api-key": [a, b] })],
  ["Authorization twice", (a: string, b: string) => ({ authorization: [`Bearer ${a}`, `Bearer ${b}`] })],
  ["the same token in two places", (a: string) => ({ "x-api-key": a, authorization: `Bearer ${a}` })],
] as const)("%s is credentials_ambiguous for every operation that takes a token", async ([, headers]) => {
  const app = await createTestApp();
  const { token } = await buildAdminToken(app);
  for (const operationId of tokenOperations) {
    const route = contractRoutes.get(operationId);
    const url = route?.path.replace("{id}", someId) ?? "";
    const answer = await app.send({ method: route?.method ?? "", url, headers: headers(app.adminToken, token) });
    expect(parseProblem(answer).code, operationId).toBe("credentials_ambiguous");
  }
});

test("only what this list names is for everybody: whoever opens another operation says so here", () => {
  const open = [...contractRoutes]
    .filter(([, { callers }]) => callers === "public")
    .map(([operationId]) => operationId);
  expect(open.toSorted()).toEqual([
    "createSession",
    "finishOidcSignIn",
    "getLiveness",
    "getProblem",
    "getReadiness",
    "getSignInWays",
    "reportGithubLeaks",
    "reportLeak",
    "requestSignInLink",
    "startOidcSignIn",
  ]);
  expect(adminOperations).toContain("createApiToken");
  expect(tokenOperations).toContain("verifyApiToken");
});

test.for(adminOperations)("a Developer token is refused %s before its request is looked at", async (operationId) => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  await changesNothing(app, async () => {
    expect((await app.refused(operationId, { id, token })).code).toBe("role_insufficient");
    expect((await app.refused(operationId, { id: "bad", token, body: { unknown: 1 } })).code).toBe("role_insufficient");
    expect((await app.refused(operationId, { id: someId, token })).code).toBe("role_insufficient");
  });
});

test("who is not known learns nothing about what a valid request would be", async () => {
  const app = await createTestApp();
  const headers = { "x-api-key": buildUnknownToken(), "content-type": "text/plain" };
  const answer = await app.send({ method: "POST", url: "/v2/api-tokens?x=1", headers, payload: "x".repeat(20_000) });
  expect(parseProblem(answer).code).toBe("authentication_unknown");
});

test("a Developer token may learn who it is, its organization, and verify", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  expect(await app.call("getMe", { token })).toMatchObject({ apiToken: { id, role: "developer" } });
  expect(await app.call("getOrganization", { token })).toMatchObject({ id: app.organizationId, name: "Test Ltd" });
  expect((await app.call("verifyApiToken", { token, body: { token } })).active).toBe(true);
});

function swap(token: string): string {
  const at = [...token].findIndex((character, index) => index > 4 && character !== token[index + 1]);
  return token.slice(0, at) + token[at + 1] + token[at] + token.slice(at + 2);
}

function countLookups(database: Database, count: () => void): Database {
  const { secrets } = database.stores;
  const findPresented: typeof secrets.findPresented = (sha256s) => {
    count();
    return secrets.findPresented(sha256s);
  };
  return { ...database, stores: { ...database.stores, secrets: { ...secrets, findPresented } } };
}
