/** The short-lived token of a run, as a practitioner meets it: real Terraform, a real server. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ApiToken } from "@orgtokens/sdk";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { eventually } from "../../support/clock.ts";
import { testedEngine } from "../../support/engine.ts";
import { createTestOrganization } from "../../support/organization.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { createBench } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000 });

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

async function createRunBench(environment: NodeJS.ProcessEnv = {}) {
  const organization = await createTestOrganization(server, serverFolder);
  const bench = await createBench(server, { ORGTOKENS_API_TOKEN: organization.adminToken, ...environment });
  /** Every token that was generated for a run, oldest first. */
  const generated = async (): Promise<readonly ApiToken[]> => {
    const { tokens } = await organization.admin.listApiTokens({ label: "This run", status: "all", limit: 100 });
    return tokens.toReversed();
  };
  return { ...organization, ...bench, generated };
}

/** A token for this run, and somebody who uses it: a second configuration of the provider, which asks for the organization. */
function declareUse(more = ""): string {
  return `
    provider "orgtokens" { managed_by = "infra/run" }
    ephemeral "orgtokens_api_token" "run" {
      label = "This run"
      role  = "admin"
      ${more}
    }
    provider "orgtokens" {
      alias     = "run"
      api_token = ephemeral.orgtokens_api_token.run.token
    }
    data "orgtokens_organization" "it" { provider = orgtokens.run }
    resource "orgtokens_organization_policy" "it" {
      provider = orgtokens.run
      on_leak  = "revoke"
    }`;
}

test("a plan has one token, an apply one for its plan and one for itself: used, recorded nowhere, revoked before the command ends", async () => {
  const it = await createRunBench({ TF_LOG: "trace", TF_LOG_PATH: "trace.log" });
  await it.workspace.write(declareUse('description = "From HCL."\n allowed_networks = ["127.0.0.0/8"]'));
  await it.workspace.run("plan", "-out=plan.tfplan");
  expect(await it.generated()).toHaveLength(1);
  await it.workspace.apply("plan.tfplan");
  expect(await it.generated()).toHaveLength(2);
  await it.workspace.expectEmptyPlan();
  expect(await it.generated()).toHaveLength(3);
  await it.workspace.apply();
  const tokens = await it.generated();
  // With nothing to do, OpenTofu ends after the plan; Terraform applies all the same.
  expect(tokens).toHaveLength(testedEngine().name === "tofu" ? 4 : 5);
  for (const token of tokens) {
    expect(token).toMatchObject({
      role: "admin",
      status: "revoked",
      description: "From HCL.",
      managedBy: "infra/run",
      allowedNetworks: ["127.0.0.0/8"],
    });
    expect(token.lastUsed).not.toBeNull();
    expect(Date.parse(token.expiresAt ?? "") - Date.parse(token.created)).toBe(3_600_000);
  }
  // Nothing outside knows the full tokens; what all of them start with is enough to search for any.
  const files = await it.workspace.files();
  const leaks = [...files].filter(([, content]) => /tok_[0-9A-Za-z]{36}/.test(content.toString("latin1")));
  expect(leaks.map(([path]) => path)).toEqual([]);
  expect(files.get(join(it.workspace.folder, "trace.log"))?.toString()).toContain("OpenEphemeralResource");
  for (const { obfuscatedToken } of tokens)
    expect(await it.workspace.placesOf(obfuscatedToken.slice(0, 8))).toEqual([]);
});

test("a destroy has one token for each of its two plans and one for itself, and revokes them, too", async () => {
  const it = await createRunBench();
  await it.workspace.write(declareUse());
  await it.workspace.apply();
  const before = (await it.generated()).length;
  await it.workspace.destroy();
  const tokens = await it.generated();
  // A destroy plans twice: what is, and what is to go.
  expect(tokens.length - before).toBe(3);
  expect(new Set(tokens.map(({ status }) => status))).toEqual(new Set(["revoked"]));
});

test("an apply that fails while the token is in use revokes it all the same", async () => {
  const it = await createRunBench();
  await it.workspace.write(`
    ephemeral "orgtokens_api_token" "run" { label = "This run" }
    resource "terraform_data" "it" {
      provisioner "local-exec" {
        command     = "exit 3"
        environment = { TOKEN = ephemeral.orgtokens_api_token.run.token }
      }
    }`);
  await it.workspace.expectError(/exit status 3/);
  const tokens = await it.generated();
  expect(tokens.length).toBeGreaterThan(0);
  expect(new Set(tokens.map(({ status }) => status))).toEqual(new Set(["revoked"]));
});

test("as long as something uses it, the token is renewed, and it is revoked when that has ended", async () => {
  const it = await createRunBench();
  await it.workspace.write(`
    ephemeral "orgtokens_api_token" "run" {
      label      = "This run"
      expires_in = "1m"
    }
    resource "terraform_data" "it" {
      provisioner "local-exec" {
        command     = "until test -e '${it.folder}/done'; do sleep 0.1; done"
        environment = { TOKEN = ephemeral.orgtokens_api_token.run.token }
      }
    }`);
  const applied = it.workspace.apply();
  const renewed = await eventually(async () => {
    const tokens = await it.generated();
    return tokens.find((token) => Date.parse(token.expiresAt ?? "") - Date.parse(token.created) > 65_000);
  }, 90_000).finally(() => writeFile(join(it.folder, "done"), ""));
  await applied;
  expect((await it.admin.getApiToken(renewed.id)).status).toBe("revoked");
});

test("while an argument is not known yet, none is generated; in the apply that makes it known, one", async () => {
  const it = await createRunBench();
  await it.workspace.write(`
    resource "terraform_data" "name" { input = "unknown while planning" }
    ephemeral "orgtokens_api_token" "run" {
      label       = "This run"
      description = terraform_data.name.id
    }
    provider "orgtokens" {
      alias     = "run"
      api_token = ephemeral.orgtokens_api_token.run.token
    }`);
  await it.workspace.run("plan", "-out=plan.tfplan");
  expect(await it.generated()).toEqual([]);
  await it.workspace.apply("plan.tfplan");
  // Nothing uses the provider that the token is for: OpenTofu then opens it not at all.
  expect(await it.generated()).toHaveLength(testedEngine().name === "tofu" ? 0 : 1);
});

test("where a policy demands labels and short lives, the token is revoked all the same, and too long a life is explained", async () => {
  const it = await createRunBench();
  await it.admin.updateOrganizationPolicy({ labelConfirmation: "required", maximumLifetimeSeconds: 600 });
  await it.workspace.write(declareUse());
  await it.workspace.expectError(/policy refuses the lifetime[\s\S]*at most 600 seconds ahead/, "plan");
  await it.workspace.write(declareUse('expires_in = "10m"'));
  await it.workspace.apply();
  expect((await it.generated()).map(({ status }) => status)).toEqual(["revoked", "revoked"]);
});

test.each([
  ["a lifetime below a minute", 'expires_in = "59s"', /expires_in[\s\S]*from 1m to 24h/],
  ["a lifetime above a day", 'expires_in = "25h"', /expires_in[\s\S]*from 1m to 24h/],
  ["an empty description of networks", "allowed_networks = []", /allowed_networks[\s\S]*1 to 20 elements/],
])("%s is refused by validate", async (_, argument, message) => {
  const it = await createBench(server);
  await it.workspace.write(`ephemeral "orgtokens_api_token" "it" {\n  label = "x"\n  ${argument}\n}`);
  await it.workspace.expectError(message, "validate");
});

test.each([
  ["Terraform leaves a token that its provider revokes as it ends", "terraform", "revoked"],
  ["provider leaves a token that expires by itself", "provider", "active"],
] as const)("a killed %s", async (_, victim, status) => {
  const it = await createRunBench();
  await it.workspace.write(declareUse('expires_in = "1m"'));
  await it.workspace.killHere({ victim, call: "OpenEphemeralResource", moment: "after" }, "plan");
  const [token, ...others] = await eventually(async () => {
    const found = await it.generated();
    return found.length > 0 ? found : undefined;
  });
  expect(others).toEqual([]);
  expect(token?.status).toBe(status);
  expect(Date.parse(token?.expiresAt ?? "") - Date.parse(token?.created ?? "")).toBe(60_000);
});
