/** The data sources as a practitioner meets them: real Terraform, a real server, an organization for each test. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createTestOrganization } from "../../support/organization.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { createBench, declare } from "./bench.ts";

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

async function createReaderBench(environment: NodeJS.ProcessEnv = {}) {
  const organization = await createTestOrganization(server, serverFolder);
  const bench = await createBench(server, { ORGTOKENS_API_TOKEN: organization.adminToken, ...environment });
  return { ...organization, ...bench };
}

test("a token is found by its id and by its label, live ones by both, dead ones by their id with their status", async () => {
  const it = await createReaderBench();
  const {
    token: _,
    warnings: __,
    ...live
  } = await it.admin.createApiToken({
    label: "Nightly build",
    role: "developer",
    description: "From the test.",
    managedBy: "ci/nightly",
    allowedNetworks: ["192.0.2.0/24"],
    expiresInSeconds: 3600,
  });
  const dead = await it.admin.createApiToken({ label: "Retired", role: "admin" });
  await it.admin.revokeApiToken(dead.id);
  await it.workspace.write(`
    data "orgtokens_api_token" "by_id"    { id = "${live.id}" }
    data "orgtokens_api_token" "by_label" { label = "Nightly build" }
    data "orgtokens_api_token" "dead"     { id = "${dead.id}" }`);
  await it.workspace.apply();
  const found = await it.workspace.state("data.orgtokens_api_token.by_id");
  expect(found).toEqual({
    id: live.id,
    label: "Nightly build",
    description: "From the test.",
    role: "developer",
    status: "active",
    obfuscated_token: live.obfuscatedToken,
    fingerprint: live.fingerprint,
    destination: null,
    managed_by: "ci/nightly",
    allowed_networks: ["192.0.2.0/24"],
    created_at: live.created,
    created_by: it.adminEmail,
    expires_at: live.expiresAt,
    rotated_at: null,
    revoked_at: null,
    last_used_at: null,
    last_used_ip: null,
  });
  expect(await it.workspace.state("data.orgtokens_api_token.by_label")).toEqual(found);
  expect(await it.workspace.state("data.orgtokens_api_token.dead")).toMatchObject({ status: "revoked", role: "admin" });
  await it.workspace.expectEmptyPlan();
});

test("what is not there is an error at the attribute, and an ambiguous label lists the ids", async () => {
  const it = await createReaderBench();
  const twins = [1, 2].map(() => it.admin.createApiToken({ label: "Twin", role: "developer" }));
  const ids = (await Promise.all(twins)).map(({ id }) => id);
  const dead = await it.admin.createApiToken({ label: "Dead", role: "developer" });
  await it.admin.revokeApiToken(dead.id);
  for (const [argument, message] of [
    [`id = "${"0".repeat(24)}"`, /no such API token[\s\S]*id = "0{24}"[\s\S]*no token with the id 0{24}/],
    ['label = "Nobody"', /no such API token[\s\S]*label = "Nobody"[\s\S]*compared exactly/],
    ['label = "Dead"', /no such API token[\s\S]*dead token is found by its id/],
    ['label = "Twin"', new RegExp(`ambiguous[\\s\\S]*2 live tokens[\\s\\S]*${ids.toReversed().join("[\\s\\S]*")}`)],
  ] as const) {
    await it.workspace.write(`data "orgtokens_api_token" "it" {\n  ${argument}\n}`);
    await it.workspace.expectError(message, "plan");
  }
});

test.each([
  ["both", `id = "${"0".repeat(24)}"\n  label = "x"`, /Conflicting attributes[\s\S]*"id", "label"/],
  ["neither", "", /Missing attribute[\s\S]*Exactly one of "id", "label"/],
  ["an id that is none", 'id = "12"', /id[\s\S]*24 lower-case hexadecimal characters/],
])("%s of id and label is refused by validate", async (_, argument, message) => {
  const it = await createBench(server);
  await it.workspace.write(`data "orgtokens_api_token" "it" {\n  ${argument}\n}`);
  await it.workspace.expectError(message, "validate");
});

test("all pages of tokens are read, filtered by the server and by role, with progress in the log and no secret", async () => {
  const it = await createReaderBench({ TF_LOG_PROVIDER: "info", TF_LOG_PATH: "provider.log" });
  const made = [];
  for (let count = 0; count < 230; count += 1) {
    const role = count % 10 === 0 ? "admin" : "developer";
    const label = `${count % 2 === 0 ? "Even" : "Odd"} ${count}`;
    made.push(await it.admin.createApiToken({ label, role, managedBy: count < 115 ? "one" : "two" }));
  }
  const [revoked] = made;
  await it.admin.revokeApiToken(revoked?.id ?? "");
  const placed = await it.admin.createApiToken({
    label: "Placed",
    role: "developer",
    destination: "vault://kv/ci#token",
  });
  await it.workspace.write(`
    data "orgtokens_api_tokens" "all"     { managed_by = "one" }
    data "orgtokens_api_tokens" "every"   { status = "all" }
    data "orgtokens_api_tokens" "search"  { search = "even" }
    data "orgtokens_api_tokens" "admins"  {
      role       = "admin"
      managed_by = "two"
    }
    data "orgtokens_api_tokens" "revoked" { status = "revoked" }
    data "orgtokens_api_tokens" "label"   { label = "Odd 1" }
    data "orgtokens_api_tokens" "none"    { label = "Nobody" }
    data "orgtokens_api_tokens" "placed"  { destination = provider::orgtokens::destination({ vault = { mount = "kv", path = "ci" } }) }
    output "labels" {
      value = {
        for name, found in {
          all = data.orgtokens_api_tokens.all, every = data.orgtokens_api_tokens.every, search = data.orgtokens_api_tokens.search
          admins = data.orgtokens_api_tokens.admins, revoked = data.orgtokens_api_tokens.revoked
          label = data.orgtokens_api_tokens.label, none = data.orgtokens_api_tokens.none, placed = data.orgtokens_api_tokens.placed
        } : name => found.api_tokens[*].label
      }
    }`);
  await it.workspace.apply();
  const { labels } = await it.workspace.outputs();
  const evens = made.filter((_, count) => count % 2 === 0 && count > 0).map(({ label }) => label);
  const admins = made.filter((_, count) => count % 10 === 0 && count >= 115).map(({ label }) => label);
  const everything = ["Placed", ...made.map(({ label }) => label).toReversed(), "First Admin token"];
  expect(labels).toEqual({
    all: made
      .slice(1, 115)
      .map(({ label }) => label)
      .toReversed(),
    every: everything,
    search: evens.toReversed(),
    admins: admins.toReversed(),
    revoked: ["Even 0"],
    label: ["Odd 1"],
    none: [],
    placed: ["Placed"],
  });
  await it.workspace.expectEmptyPlan();
  const log = (await it.workspace.files()).get(join(it.workspace.folder, "provider.log"))?.toString() ?? "";
  expect(log).toMatch(/Read all API tokens\..*read=232/);
  for (const { token } of [placed, ...made.slice(0, 3)]) expect(await it.workspace.placesOf(token)).toEqual([]);
});

test("a token that is declared beside is found once it is there, in the same apply", async () => {
  const it = await createBench(server);
  await it.workspace.write(`${declare(it)}
    data "orgtokens_api_token" "same" { id = orgtokens_api_token.it.id }
    output "fingerprint" { value = data.orgtokens_api_token.same.fingerprint }`);
  await it.workspace.apply();
  const [token] = await it.liveTokens();
  expect(await it.workspace.outputs()).toEqual({ fingerprint: token?.fingerprint });
  await it.workspace.expectEmptyPlan();
  await it.workspace.destroy();
});

test("the organization and its people are read, all pages, filtered by address, role and status", async () => {
  const it = await createReaderBench();
  for (let count = 0; count < 110; count += 1) {
    await it.admin.inviteUser({ email: `u${count}@test.example`, role: count % 10 === 0 ? "admin" : "developer" });
  }
  await it.workspace.write(`
    data "orgtokens_organization" "it" {}
    data "orgtokens_users" "all" {}
    data "orgtokens_users" "admins" {
      role   = "admin"
      status = "invited"
    }
    data "orgtokens_users" "one" { email = "U7@Test.Example" }
    output "counts" { value = [length(data.orgtokens_users.all.users), length(data.orgtokens_users.admins.users)] }
    output "one" { value = data.orgtokens_users.one.users }`);
  await it.workspace.apply();
  const organization = await it.admin.getOrganization();
  expect(await it.workspace.state("data.orgtokens_organization.it")).toEqual({
    id: it.id,
    name: "Other Ltd",
    created_at: organization.created,
  });
  const { counts, one } = await it.workspace.outputs();
  // The first admin has never signed in either.
  expect(counts).toEqual([111, 12]);
  expect(one).toMatchObject([
    {
      email: "u7@test.example",
      role: "developer",
      status: "invited",
      invited_by: it.adminEmail,
      last_signed_in_at: null,
    },
  ]);
  await it.workspace.expectEmptyPlan();
});
