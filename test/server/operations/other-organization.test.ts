import { expect, test } from "vitest";
import { changesNothing, createTestApp, type TestCall } from "../../support/app.ts";
import { buildOtherOrganization, buildPendingToken, buildToken } from "../../support/builders.ts";

const calls = [
  ["getApiToken", {}],
  ["updateApiToken", { body: { label: "Mine" } }],
  ["revokeApiToken", {}],
  ["revokeApiToken", { query: { confirmLabel: "x" } }],
  ["rotateApiToken", { body: {} }],
  ["rotateApiToken", { body: { destination: "vault://kv/ci#token" } }],
  ["activateApiToken", { body: { fingerprint: "0123456789abcdef" } }],
] as const;

test.for(calls)(
  "%s with another organization's id answers exactly as with an id that nobody has",
  async ([operationId, call]) => {
    const app = await createTestApp();
    const { adminToken: token } = await buildOtherOrganization(app);
    const ours = await buildToken(app, { destination: "vault://kv/ci#token" });
    const pending = await buildPendingToken(app);
    const ask = async (id: string, given: TestCall) => {
      const { requestId: _, ...problem } = await app.refused(operationId, { ...given, token, id });
      return problem;
    };
    await changesNothing(app, async () => {
      const nobodys = await ask("0199f3a1b2c40d5e6f708192", call);
      expect(nobodys.code).toBe("api_token_not_found");
      expect(await ask(ours.id, call)).toEqual(nobodys);
      expect(await ask(pending.id, call)).toEqual(nobodys);
    });
  },
);

test("activating another organization's pending secret with its right fingerprint finds nothing", async () => {
  const app = await createTestApp();
  const { adminToken: token } = await buildOtherOrganization(app);
  const { id, fingerprint } = await buildPendingToken(app);
  expect((await app.refused("activateApiToken", { token, id, body: { fingerprint } })).code).toBe(
    "api_token_not_found",
  );
});

test("a list holds the tokens of the caller's organization only, whatever filter or cursor is given", async () => {
  const app = await createTestApp();
  const { adminToken: token, organizationId } = await buildOtherOrganization(app);
  const ours = await buildToken(app, { label: "CI", destination: "vault://kv/ci#token", managedBy: "infra/prod" });
  for (const query of [
    { status: "all" },
    { cursor: ours.id },
    { label: "CI" },
    { destination: "vault://kv/ci#token" },
    { managedBy: "infra/prod" },
  ]) {
    const { tokens } = await app.call("listApiTokens", { token, query });
    expect(
      tokens.every(({ accountId }) => accountId === organizationId),
      JSON.stringify(query),
    ).toBe(true);
  }
  expect((await app.call("getOrganization", { token })).name).toBe("Other Ltd");
});
