import { expect, test } from "vitest";
import { changesNothing, createTestApp, type TestApp } from "../../support/app.ts";
import { buildAdminToken, buildOtherOrganization, buildToken } from "../../support/builders.ts";
import { buildSignedIn, buildUser, signIn } from "../../support/people.ts";

const day = 86_400;

/** Changes the organization's policy. */
function setPolicy(app: TestApp, body: Readonly<Record<string, unknown>>) {
  return app.call("updateOrganizationPolicy", { body });
}

test("an organization that never changed its policy has one that allows what the reference product allows", async () => {
  const app = await createTestApp();
  expect(await app.call("getOrganizationPolicy")).toEqual({
    defaultLifetimeSeconds: null,
    maximumLifetimeSeconds: null,
    tokenRoles: ["developer", "admin"],
    duplicateLabels: "warn",
    labelConfirmation: "optional",
    tokensMayGenerate: true,
    onLeak: "notify",
  });
});

test("a change of one rule leaves the others, is kept, and counts for no other organization", async () => {
  const app = await createTestApp();
  const other = await buildOtherOrganization(app);
  await setPolicy(app, { onLeak: "revoke" });
  const changed = await setPolicy(app, { duplicateLabels: "refuse" });
  expect(changed).toMatchObject({ onLeak: "revoke", duplicateLabels: "refuse", labelConfirmation: "optional" });
  expect(await app.call("getOrganizationPolicy")).toEqual(changed);
  expect(await app.call("getOrganizationPolicy", { token: other.adminToken })).toMatchObject({ onLeak: "notify" });
});

test("a change of the policy is recorded with the rules that changed, and a repetition is none", async () => {
  const app = await createTestApp();
  await setPolicy(app, { maximumLifetimeSeconds: 90 * day });
  await changesNothing(app, () => setPolicy(app, { maximumLifetimeSeconds: 90 * day }));
  const events = app.contents()["audit_events"] ?? [];
  expect(events.at(-1)).toMatchObject({
    action: "organization.policy_updated",
    target_label: "Test Ltd",
    before: JSON.stringify({ maximumLifetimeSeconds: null }),
    after: JSON.stringify({ maximumLifetimeSeconds: 90 * day }),
  });
});

test("a token whose creation does not say lives for the default lifetime, and one that says null for ever", async () => {
  const app = await createTestApp();
  await setPolicy(app, { defaultLifetimeSeconds: 30 * day });
  const expected = new Date(app.clock.now().getTime() + 30 * day * 1000).toISOString();
  expect((await buildToken(app)).expiresAt).toBe(expected);
  expect((await buildToken(app, { expiresAt: null })).expiresAt).toBeNull();
  expect((await buildToken(app, { expiresInSeconds: 60 })).expiresAt).not.toBe(expected);
});

test("no creation, change or rotation reaches beyond the longest lifetime, and nothing changes when one tries", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  await setPolicy(app, { maximumLifetimeSeconds: 90 * day });
  const tooLong = { expiresInSeconds: 90 * day + 1 };
  for (const refused of [
    () => app.refused("createApiToken", { body: { label: "x", role: "developer" } }),
    () => app.refused("createApiToken", { body: { label: "x", role: "developer", expiresAt: null } }),
    () => app.refused("createApiToken", { body: { label: "x", role: "developer", ...tooLong } }),
    () => app.refused("updateApiToken", { id, body: { expiresAt: null } }),
    () => app.refused("updateApiToken", { id, body: tooLong }),
    () => app.refused("rotateApiToken", { id, body: tooLong }),
  ]) {
    expect(await changesNothing(app, refused)).toMatchObject({
      code: "policy_refused",
      errors: [{ pointer: "/body/expiresAt", code: "value_too_large" }],
    });
  }
  await buildToken(app, { expiresInSeconds: 90 * day });
  expect((await app.call("updateApiToken", { id, body: { label: "Renamed" } })).expiresAt).toBeNull();
});

test("a default lifetime beyond the longest one is refused at the place that was changed", async () => {
  const app = await createTestApp();
  await setPolicy(app, { maximumLifetimeSeconds: 90 * day });
  const problem = await changesNothing(app, () =>
    app.refused("updateOrganizationPolicy", { body: { defaultLifetimeSeconds: 91 * day } }),
  );
  expect(problem).toMatchObject({
    code: "request_invalid",
    errors: [{ pointer: "/body/defaultLifetimeSeconds", code: "fields_conflict" }],
  });
});

test("a role that tokens may not have is refused, and tokens that have it stay", async () => {
  const app = await createTestApp();
  await setPolicy(app, { tokenRoles: ["developer"] });
  const problem = await changesNothing(app, () =>
    app.refused("createApiToken", { body: { label: "x", role: "admin" } }),
  );
  expect(problem).toMatchObject({ code: "policy_refused", errors: [{ pointer: "/body/role" }] });
  await buildToken(app);
});

test("a duplicate label is refused by policy where it would be warned about, and free again after the revoke", async () => {
  const app = await createTestApp();
  const first = await buildToken(app, { label: "CI" });
  expect((await buildToken(app, { label: "CI" })).warnings).toMatchObject([{ code: "label_in_use" }]);
  await setPolicy(app, { duplicateLabels: "refuse" });
  const { id } = await buildToken(app, { label: "Other" });
  for (const refused of [
    () => app.refused("createApiToken", { body: { label: "CI", role: "developer" } }),
    () => app.refused("updateApiToken", { id, body: { label: "CI" } }),
  ]) {
    const problem = await changesNothing(app, refused);
    expect(problem).toMatchObject({ code: "label_in_use", errors: [{ pointer: "/body/label" }] });
  }
  expect((await app.call("updateApiToken", { id, body: { label: "Other", description: "same" } })).label).toBe("Other");
  await app.call("revokeApiToken", { id });
  expect((await buildToken(app, { label: "Other" })).warnings).toEqual([]);
  expect(first.label).toBe("CI");
});

test("a repeated deferred creation is no duplicate of itself", async () => {
  const app = await createTestApp();
  await setPolicy(app, { duplicateLabels: "refuse" });
  const request = { label: "CI", activation: "deferred", destination: "vault://kv/ci#token" } as const;
  const { id } = await buildToken(app, request);
  expect((await buildToken(app, request)).id).toBe(id);
});

test("a revocation must carry the label where the policy says so, but a repeated one need not", async () => {
  const app = await createTestApp();
  const { id, label } = await buildToken(app);
  await setPolicy(app, { labelConfirmation: "required" });
  const problem = await changesNothing(app, () => app.refused("revokeApiToken", { id }));
  expect(problem).toMatchObject({
    code: "label_confirmation_missing",
    errors: [{ pointer: "/query/confirmLabel", code: "field_required" }],
  });
  await app.call("revokeApiToken", { id, query: { confirmLabel: label } });
  await app.call("revokeApiToken", { id });
});

test("tokens that may not generate tokens still rotate and revoke, and cannot allow it themselves", async () => {
  const app = await createTestApp();
  const { id } = await buildAdminToken(app);
  await setPolicy(app, { tokensMayGenerate: false });
  for (const refused of [
    () => app.refused("createApiToken", { body: { label: "x", role: "developer" } }),
    () => app.refused("updateOrganizationPolicy", { body: { tokensMayGenerate: true } }),
  ]) {
    expect((await changesNothing(app, refused)).code).toBe("tokens_may_not_generate");
  }
  await app.call("rotateApiToken", { id, body: {} });
  await app.call("revokeApiToken", { id });
});

test("where tokens may not generate tokens a signed-in admin still does, and only a signed-in admin allows it again", async () => {
  const app = await createTestApp();
  const session = await signIn(app);
  const developer = await buildSignedIn(app, "developer");
  await setPolicy(app, { tokensMayGenerate: false });
  const { id, token } = await app.call("createApiToken", { session, body: { label: "By hand", role: "admin" } });
  expect((await app.call("getApiToken", { id })).createdBy).toBe(app.adminEmail);
  const allow = { body: { tokensMayGenerate: true } };
  for (const caller of [{ token }, { token: app.adminToken }, { session: developer.session }]) {
    await changesNothing(app, () => app.refused("updateOrganizationPolicy", { ...caller, ...allow }));
  }
  expect(await app.call("updateOrganizationPolicy", { session, ...allow })).toMatchObject({ tokensMayGenerate: true });
  await app.call("createApiToken", { token, body: { label: "By a token", role: "developer" } });
});

test("other rules stay a token's to change while tokens may not generate tokens", async () => {
  const app = await createTestApp();
  await setPolicy(app, { tokensMayGenerate: false });
  expect(await setPolicy(app, { tokensMayGenerate: false, onLeak: "revoke" })).toMatchObject({
    tokensMayGenerate: false,
    onLeak: "revoke",
  });
});

test("a token that may not generate tokens makes nobody an admin either, who could", async () => {
  const app = await createTestApp();
  const { id } = await buildUser(app, "developer");
  const admin = await signIn(app);
  await setPolicy(app, { tokensMayGenerate: false });
  const invitation = { body: { email: "eve@test.example", role: "admin" } };
  for (const refused of [
    () => app.refused("inviteUser", invitation),
    () => app.refused("updateUser", { id, body: { role: "admin" } }),
  ]) {
    expect((await changesNothing(app, refused)).code).toBe("tokens_may_not_generate");
  }
  await app.call("inviteUser", { body: { email: "grace@test.example", role: "developer" } });
  await app.call("inviteUser", { ...invitation, session: admin });
  expect(await app.call("updateUser", { id, session: admin, body: { role: "admin" } })).toMatchObject({
    role: "admin",
  });
  expect(await app.call("updateUser", { id, body: { role: "developer" } })).toMatchObject({ role: "developer" });
});

test.each([
  [{}, "/body", "fields_missing"],
  [{ onLeak: "ignore" }, "/body/onLeak", "value_unknown"],
  [{ defaultLifetimeSeconds: 59 }, "/body/defaultLifetimeSeconds", "value_too_small"],
  [{ maximumLifetimeSeconds: 315_360_001 }, "/body/maximumLifetimeSeconds", "value_too_large"],
  [{ maximumLifetimeSeconds: "1d" }, "/body/maximumLifetimeSeconds", "type_wrong"],
  [{ tokenRoles: [] }, "/body/tokenRoles", "value_too_short"],
  [{ tokenRoles: ["developer", "developer"] }, "/body/tokenRoles", "format_wrong"],
  [{ tokenRoles: ["root"] }, "/body/tokenRoles/0", "value_unknown"],
  [{ tokensMayGenerate: "no" }, "/body/tokensMayGenerate", "type_wrong"],
  [{ lifetime: 1 }, "/body/lifetime", "field_unknown"],
])("the policy %j is refused at %s", async (body, pointer, code) => {
  const app = await createTestApp();
  const problem = await changesNothing(app, () => app.refused("updateOrganizationPolicy", { body }));
  expect(problem).toMatchObject({ code: "request_invalid", errors: [{ pointer, code }] });
});

test("a Developer token neither sees nor changes the policy", async () => {
  const app = await createTestApp();
  const { token } = await buildToken(app);
  expect((await app.refused("getOrganizationPolicy", { token })).code).toBe("role_insufficient");
  expect((await app.refused("updateOrganizationPolicy", { token, body: { onLeak: "revoke" } })).code).toBe(
    "role_insufficient",
  );
});
