/** `orgtokens_organization_policy` as a practitioner meets it: real Terraform, a real server, an organization for each test. */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createTestOrganization } from "../../support/organization.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { createBench, unwrap } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000 });

const address = "orgtokens_organization_policy.it";
let server: ServerProcess;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  server = await startServer(serverFolder);
});

afterAll(async () => {
  await server.close();
  await rm(serverFolder, { recursive: true, force: true });
});

async function createPolicyBench() {
  const organization = await createTestOrganization(server, serverFolder);
  const bench = await createBench(server, { ORGTOKENS_API_TOKEN: organization.adminToken });
  return { ...organization, ...bench };
}

function declare(rules: string): string {
  return `resource "orgtokens_organization_policy" "it" {\n${rules}\n}\n`;
}

const everyRule = `
  default_lifetime    = "30d"
  maximum_lifetime    = "2160h"
  token_roles         = ["developer"]
  duplicate_labels    = "refuse"
  label_confirmation  = "required"
  tokens_may_generate = true
  on_leak             = "revoke"
  on_destroy          = "reset"`;

test("every rule is declared, settles, is imported with an empty plan, and is reset when it is destroyed so", async () => {
  const it = await createPolicyBench();
  const fresh = await it.admin.getOrganizationPolicy();
  await it.workspace.write(declare(everyRule));
  await it.workspace.apply();
  const declared = {
    defaultLifetimeSeconds: 30 * 86_400,
    maximumLifetimeSeconds: 90 * 86_400,
    tokenRoles: ["developer"],
    duplicateLabels: "refuse",
    labelConfirmation: "required",
    tokensMayGenerate: true,
    onLeak: "revoke",
  };
  expect(await it.admin.getOrganizationPolicy()).toEqual(declared);
  expect(Object.keys(declared).toSorted()).toEqual(Object.keys(fresh).toSorted());
  expect(await it.workspace.isSettled()).toBe(true);
  expect(await it.workspace.attributes(address)).toMatchObject({ id: it.id, maximum_lifetime: "2160h" });

  await it.workspace.run("state", "rm", address);
  const imported = await it.workspace.run("import", "-input=false", address, it.id);
  expect(imported.output).toContain("Import successful");
  expect(await it.workspace.attributes(address)).toMatchObject({ default_lifetime: "30d", maximum_lifetime: "90d" });
  // What destroying does is known to nobody but the configuration; 2160h and 90d are the same.
  const applied = await it.workspace.apply();
  expect(applied.output).not.toMatch(/~ \w+_lifetime/);
  expect(await it.admin.getOrganizationPolicy()).toEqual(declared);
  expect(await it.workspace.isSettled()).toBe(true);

  await it.workspace.destroy();
  expect(await it.admin.getOrganizationPolicy()).toEqual(fresh);
});

test("what is not declared stays as it is, on creation, on a change, and when a rule is left out again", async () => {
  const it = await createPolicyBench();
  await it.admin.updateOrganizationPolicy({ onLeak: "revoke", maximumLifetimeSeconds: 86_400 });
  await it.workspace.write(declare('duplicate_labels = "refuse"'));
  await it.workspace.apply();
  expect(await it.workspace.attributes(address)).toMatchObject({ on_leak: "revoke", maximum_lifetime: "1d" });
  await it.admin.updateOrganizationPolicy({ labelConfirmation: "required" });
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.write(declare('default_lifetime = "12h"'));
  await it.workspace.apply();
  expect(await it.workspace.isSettled()).toBe(true);
  expect(await it.admin.getOrganizationPolicy()).toMatchObject({
    defaultLifetimeSeconds: 43_200,
    maximumLifetimeSeconds: 86_400,
    duplicateLabels: "refuse",
    labelConfirmation: "required",
    onLeak: "revoke",
  });
});

test("a rule that somebody changed is planned back, and unlimited lifts a lifetime", async () => {
  const it = await createPolicyBench();
  await it.workspace.write(declare('maximum_lifetime = "unlimited"\n on_leak = "revoke"'));
  await it.workspace.apply();
  await it.admin.updateOrganizationPolicy({ onLeak: "notify", maximumLifetimeSeconds: 3600 });
  const planned = await it.workspace.run("plan", "-input=false");
  expect(planned.output).toMatch(/maximum_lifetime += "1h" -> "unlimited"/);
  await it.workspace.apply();
  expect(await it.admin.getOrganizationPolicy()).toMatchObject({ onLeak: "revoke", maximumLifetimeSeconds: null });
  expect(await it.workspace.isSettled()).toBe(true);
});

test("another rule changed between plan and apply is reported, and stays", async () => {
  const it = await createPolicyBench();
  await it.workspace.write(declare('on_leak = "revoke"'));
  await it.workspace.apply();
  await it.workspace.write(declare('on_leak = "notify"'));
  await it.workspace.run("plan", "-input=false", "-out=plan.tfplan");
  await it.admin.updateOrganizationPolicy({ duplicateLabels: "refuse" });
  const applied = await it.workspace.apply("plan.tfplan");
  expect(unwrap(applied.output)).toMatch(/changed while Terraform ran[\s\S]*"duplicate_labels"/);
  expect(await it.admin.getOrganizationPolicy()).toMatchObject({ onLeak: "notify", duplicateLabels: "refuse" });
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.apply();
  expect(await it.workspace.attributes(address)).toMatchObject({ duplicate_labels: "refuse" });
});

test("a destroy leaves the rules as they are by default, and says so before", async () => {
  const it = await createPolicyBench();
  await it.workspace.write(declare('on_leak = "revoke"'));
  await it.workspace.apply();
  const destroyed = await it.workspace.destroy();
  expect(unwrap(destroyed.output)).toMatch(/forgotten, not reset/);
  expect(await it.admin.getOrganizationPolicy()).toMatchObject({ onLeak: "revoke" });
});

test("the right to generate tokens is given up with a warning; taking it back is refused before anything changes", async () => {
  const it = await createPolicyBench();
  await it.workspace.write(declare('tokens_may_generate = false\n on_destroy = "reset"'));
  const applied = await it.workspace.apply();
  expect(unwrap(applied.output)).toMatch(/gives up the right to generate tokens[\s\S]*only a signed-in admin/);
  expect(await it.workspace.isSettled()).toBe(true);

  await it.workspace.write(declare('tokens_may_generate = true\n on_leak = "revoke"\n on_destroy = "reset"'));
  const planned = await it.workspace.run("plan", "-input=false");
  expect(unwrap(planned.output)).toMatch(
    /Warning: Only a signed-in admin[\s\S]*main\.tf line[\s\S]*tokens_may_generate = true/,
  );
  const refused = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(refused.exitCode).toBe(1);
  expect(unwrap(refused.output)).toMatch(/Error: Only a signed-in admin[\s\S]*tokens_may_generate = true/);
  expect(await it.admin.getOrganizationPolicy()).toMatchObject({ onLeak: "notify" });

  const destroyed = await it.workspace.destroy();
  expect(unwrap(destroyed.output)).toMatch(/tokens_may_generate stays false/);
});

test.each([
  ["a lifetime below a minute", 'default_lifetime = "30s"', /default_lifetime[\s\S]*from 1m to 3650d, or "unlimited"/],
  ["no role at all", "token_roles = []", /token_roles[\s\S]*1 to 2 elements/],
  ["an unknown role", 'token_roles = ["owner"]', /token_roles[\s\S]*"developer", "admin"/],
  [
    "a default that is longer than the longest lifetime",
    'default_lifetime = "2d"\n maximum_lifetime = "1d"',
    /longer than the longest one[\s\S]*default_lifetime = "2d"/,
  ],
])("%s is refused by validate at its attribute", async (_, rules, message) => {
  const it = await createBench(server);
  await it.workspace.write(declare(rules));
  const result = await it.workspace.run("validate");
  expect(result.exitCode).toBe(1);
  expect(unwrap(result.output)).toMatch(message);
});

test("a longest lifetime below a default that is not declared is refused at its attribute", async () => {
  const it = await createPolicyBench();
  await it.admin.updateOrganizationPolicy({ defaultLifetimeSeconds: 86_400 });
  await it.workspace.write(declare('maximum_lifetime = "1h"'));
  const result = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(result.exitCode).toBe(1);
  expect(unwrap(result.output)).toMatch(/maximum_lifetime = "1h"[\s\S]*must be at most maximumLifetimeSeconds/);
});

test("the id of another organization is not imported", async () => {
  const it = await createPolicyBench();
  await it.workspace.write(declare(""));
  const imported = await it.workspace.run("import", "-input=false", address, "0".repeat(24));
  expect(imported.exitCode).toBe(1);
  expect(unwrap(imported.output)).toContain(`belongs to the organization ${it.id}`);
});
