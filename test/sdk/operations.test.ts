/** The client's operations against the contract: none is missing, and each is sent where the contract says. */
import { ApiError, type Client, ConnectionError, createClient } from "@orgtokens/sdk";
import { expect, test } from "vitest";
import { readContract } from "../../server/http/contract.ts";
import { apiToken, edge, hangUp, json, unavailable } from "../support/edge.ts";

const id = "0".repeat(24);
const contract = readContract();
/** What no client sends again after. */
const refuse = json(404, {});

/** Operations of the contract that no program calls by a client, and why. */
const withoutMethod: Readonly<Record<string, string>> = {
  exportAuditEvents: "a stream; iterateAuditEvents walks over the same events",
  reportGithubLeaks: "signed by GitHub's secret scanning, which alone can",
  startOidcSignIn: "a browser is sent there, and redirected to the provider",
  finishOidcSignIn: "the provider sends a browser back there",
};

/** Each operation once, as it is sent when nobody says more. */
const operations: Readonly<
  Record<string, { readonly repeats: boolean; readonly run: (client: Client) => Promise<unknown> }>
> = {
  listApiTokens: { repeats: true, run: (client) => client.listApiTokens() },
  getApiToken: { repeats: true, run: (client) => client.getApiToken(id) },
  createApiToken: { repeats: true, run: (client) => client.createApiToken({ label: "x", role: "developer" }) },
  "createApiToken, without idempotency key": {
    repeats: false,
    run: (client) => client.createApiToken({ label: "x", role: "developer" }, { idempotencyKey: null }),
  },
  "createApiToken, deferred with destination": {
    repeats: true,
    run: (client) =>
      client.createApiToken({ label: "x", role: "developer", activation: "deferred", destination: "file:///x" }),
  },
  updateApiToken: { repeats: false, run: (client) => client.updateApiToken(id, { label: "y" }) },
  revokeApiToken: { repeats: true, run: (client) => client.revokeApiToken(id) },
  rotateApiToken: { repeats: false, run: (client) => client.rotateApiToken(id) },
  "rotateApiToken, deferred": {
    repeats: true,
    run: (client) => client.rotateApiToken(id, { activation: "deferred" }),
  },
  activateApiToken: {
    repeats: true,
    run: (client) => client.activateApiToken(id, { fingerprint: "0".repeat(16) }),
  },
  verifyApiToken: { repeats: true, run: (client) => client.verifyApiToken({ token: apiToken }) },
  verifyApiTokens: { repeats: true, run: (client) => client.verifyApiTokens([{ token: apiToken }]) },
  listApiTokenChanges: { repeats: true, run: (client) => client.listApiTokenChanges() },
  reportLeak: { repeats: true, run: (client) => client.reportLeak({ token: apiToken }) },
  listApiTokenMail: { repeats: true, run: (client) => client.listApiTokenMail(id) },
  introspectToken: { repeats: true, run: (client) => client.introspectToken({ token: apiToken }) },
  revokeToken: { repeats: true, run: (client) => client.revokeToken({ token: apiToken }) },
  forwardAuth: { repeats: true, run: (client) => client.forwardAuth({ role: "admin" }) },
  listAuditEvents: { repeats: true, run: (client) => client.listAuditEvents() },
  getMe: { repeats: true, run: (client) => client.getMe() },
  getOrganization: { repeats: true, run: (client) => client.getOrganization() },
  getOrganizationPolicy: { repeats: true, run: (client) => client.getOrganizationPolicy() },
  updateOrganizationPolicy: { repeats: false, run: (client) => client.updateOrganizationPolicy({ onLeak: "revoke" }) },
  listUsers: { repeats: true, run: (client) => client.listUsers() },
  inviteUser: { repeats: false, run: (client) => client.inviteUser({ email: "ada@test.example", role: "admin" }) },
  getUser: { repeats: true, run: (client) => client.getUser(id) },
  updateUser: { repeats: true, run: (client) => client.updateUser(id, { role: "developer" }) },
  removeUser: { repeats: false, run: (client) => client.removeUser(id) },
  getSession: { repeats: true, run: (client) => client.getSession() },
  createSession: { repeats: false, run: (client) => client.createSession({ linkToken: "x".repeat(43) }) },
  signOut: { repeats: false, run: (client) => client.signOut() },
  listSessions: { repeats: true, run: (client) => client.listSessions() },
  revokeSession: { repeats: false, run: (client) => client.revokeSession(id) },
  getSignInWays: { repeats: true, run: (client) => client.getSignInWays() },
  requestSignInLink: { repeats: false, run: (client) => client.requestSignInLink({ email: "ada@test.example" }) },
  getProblem: { repeats: true, run: (client) => client.getProblem("request_invalid") },
  getLiveness: { repeats: true, run: (client) => client.getLiveness() },
  getReadiness: { repeats: true, run: (client) => client.getReadiness() },
};

test("the client has a method for every operation of the contract, but for those that are named here", () => {
  const methods = Object.keys(createClient({ endpoint: "https://tokens.test.example", apiToken }));
  const described = contract.map(({ operationId }) => operationId);
  expect([...methods, ...Object.keys(withoutMethod)].toSorted()).toEqual(described.toSorted());
  expect(new Set(Object.keys(operations).map(operationIdOf))).toEqual(new Set(methods));
});

test.each(Object.entries(operations))("%s is sent as the contract says", async (name, { run }) => {
  const { client, requests } = await edge(refuse);
  await run(client).catch(() => undefined);
  const described = contract.find(({ operationId }) => operationId === operationIdOf(name));
  const [request] = requests;
  expect(request?.method).toBe(described?.method);
  expect(request?.url?.split("?")[0]).toMatch(new RegExp(`^${described?.path.replaceAll(/:\w+/g, "[^/]+")}$`));
  expect(request?.headers["content-type"]).toBe(
    described?.bodySchema === undefined ? undefined : described.bodyMediaType,
  );
});

test("each is sent again after 503 and after a lost connection only where that is safe", async () => {
  const cases = Object.entries(operations).flatMap(([name, operation]) =>
    [unavailable, hangUp].map((failure) => ({ name, failure, ...operation })),
  );
  // All at once: what they do most of the time is to wait before they send again.
  await Promise.all(
    cases.map(async ({ name, failure, repeats, run }) => {
      const { client, requests } = await edge(failure);
      const error = await run(client).catch((thrown: unknown) => thrown);
      expect(error, name).toBeInstanceOf(failure === hangUp ? ConnectionError : ApiError);
      expect(error, name).toMatchObject({ retryable: true });
      expect(requests, name).toHaveLength(repeats ? 3 : 1);
    }),
  );
});

/** The operation of an entry whose name may say more after a comma. */
function operationIdOf(name: string): string {
  return name.split(",")[0] ?? name;
}
