/** A delivered secret that is handed on, as a practitioner does it: real Terraform, a real server, real files and OpenBao. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { type OpenBao, startOpenBao } from "../../support/openbao.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { createBench, declare } from "./bench.ts";

// Terraform takes seconds, and OpenBao is fetched once per machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

let server: ServerProcess;
let openBao: OpenBao;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  [server, openBao] = await Promise.all([startServer(serverFolder), startOpenBao()]);
});

afterAll(async () => {
  await Promise.all([server.close(), openBao.close()]);
  await rm(serverFolder, { recursive: true, force: true });
});

/** The secret of the declared token, and somebody who uses it: a second configuration of the provider, which invites a person. */
function declareUse(email: string, place = "destination = orgtokens_api_token.it.destination"): string {
  return `
    ephemeral "orgtokens_stored_secret" "it" {
      ${place}
      fingerprint = orgtokens_api_token.it.fingerprint
    }
    provider "orgtokens" {
      alias     = "stored"
      api_token = ephemeral.orgtokens_stored_secret.it.token
    }
    resource "orgtokens_organization_member" "it" {
      provider = orgtokens.stored
      email    = "${email}"
      role     = "developer"
    }`;
}

/** What is in the place, read without the provider. */
function declareReading(argument: string): string {
  return `
    ephemeral "orgtokens_stored_secret" "it" {\n${argument}\n}
    provider "orgtokens" {
      alias     = "stored"
      api_token = ephemeral.orgtokens_stored_secret.it.token
    }
    data "orgtokens_organization" "it" { provider = orgtokens.stored }`;
}

test("a secret is delivered, handed to another provider in the same apply, used, and recorded nowhere", async () => {
  const it = await createBench(server, { TF_LOG: "trace", TF_LOG_PATH: "trace.log" });
  const email = `${it.folder.split("/").at(-1)}@example.com`.toLowerCase();
  await it.workspace.write(declare(it, 'role = "admin"') + declareUse(email));
  await it.workspace.apply();
  const secret = await it.secret();
  const [token] = await it.liveTokens();
  const invited = (await server.admin.listUsers({ limit: 100 })).users.find((user) => user.email === email);
  expect(invited).toBeDefined();
  const events = await server.admin.listAuditEvents({ targetId: invited?.id ?? "" });
  expect(events.events.map(({ actor }) => actor?.id)).toEqual([token?.id]);
  await it.workspace.expectEmptyPlan();
  expect(await it.workspace.placesOf(secret)).toEqual([]);
  await it.workspace.destroy();
  expect(await server.answer(secret)).toBe("authentication_revoked");
});

test("while a rotation is planned the store is not read; afterwards the new secret is", async () => {
  const it = await createBench(server);
  const email = `${it.folder.split("/").at(-1)}@example.com`.toLowerCase();
  const store = `secret_store = { file = { path = "${it.folder}/secret" } }`;
  const declared = (quarter: string): string =>
    declare(it, `role = "admin"\n rotation_grace_period = "0s"\n rotate_when_changed = { quarter = "${quarter}" }`) +
    declareUse(email, store);
  await it.workspace.write(declared("Q3"));
  await it.workspace.apply();
  const old = await it.secret();
  await it.workspace.write(declared("Q4"));
  await it.workspace.apply();
  expect(await it.secret()).not.toBe(old);
  await it.workspace.expectEmptyPlan();
});

test.each([
  ["nothing is there", async () => {}, /no stored secret[\s\S]*secret_store = [\s\S]*Nothing is at file:/],
  [
    "somebody else wrote what is there",
    (path: string) => writeFile(path, "precious"),
    /does not hold a delivered secret[\s\S]*orgtokens did not write/,
  ],
])("when %s it is an error at the place, and nothing is handed on", async (_, prepare, message) => {
  const it = await createBench(server);
  await prepare(join(it.folder, "secret"));
  await it.workspace.write(declareReading(`secret_store = { file = { path = "${it.folder}/secret" } }`));
  const output = await it.workspace.expectError(message, "plan");
  expect(output).not.toContain("precious");
});

test("a secret that was overwritten, or is another one than is meant, is an error that does not show it", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const elsewhere = await createBench(server);
  const place = `destination = "file://${it.folder}/secret"`;
  await elsewhere.workspace.write(declareReading(`${place}\n fingerprint = "${"0".repeat(16)}"`));
  await elsewhere.workspace.expectError(/store holds another secret[\s\S]*fingerprint = [\s\S]*not 0{16}/, "plan");
  await writeFile(join(it.folder, "secret"), "tok_overwritten");
  await elsewhere.workspace.write(declareReading(place));
  await elsewhere.workspace.expectError(/does not hold a delivered secret[\s\S]*overwritten or deleted/, "plan");
  expect(await elsewhere.workspace.placesOf("tok_overwritten")).toEqual([]);
});

test("a secret of another organization is not handed on, and the error names both", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const folder = await temporaryFolder();
  const other = await startServer(folder);
  onTestFinished(() => other.close());
  const stranger = await createBench(other);
  await stranger.workspace.write(declareReading(`destination = "file://${it.folder}/secret"`));
  const [token] = await it.liveTokens();
  const { id } = await other.admin.getOrganization();
  await stranger.workspace.expectError(
    new RegExp(`of another organization[\\s\\S]*destination = [\\s\\S]*${token?.accountId}[\\s\\S]*works in\\s+${id}`),
    "plan",
  );
});

test("Vault needs one right more to be read than to be written, and the error names it", async () => {
  const it = await createBench(server, { VAULT_ADDR: openBao.address, VAULT_TOKEN: openBao.rootToken });
  const path = `acceptance/${it.folder.split("/").at(-1)}`;
  const store = `{ vault = { mount = "kv", path = "${path}" } }`;
  await it.workspace.write(declare(it, "", { store }));
  await it.workspace.apply();
  const metadata = `path "kv/metadata/${path}" { capabilities = ["read"] }`;
  const [blind, reader] = await Promise.all([
    openBao.tokenWith(metadata),
    openBao.tokenWith(`${metadata}\n path "kv/data/${path}" { capabilities = ["read"] }`),
  ]);
  const blinded = await createBench(server, { VAULT_ADDR: openBao.address, VAULT_TOKEN: blind });
  await blinded.workspace.write(declareReading(`secret_store = ${store}`));
  await blinded.workspace.expectError(
    new RegExp(
      `could not be read[\\s\\S]*secret_store = [\\s\\S]*path "kv/data/${path}" \\{ capabilities = \\["read"\\] \\}`,
    ),
    "plan",
  );
  const reading = await createBench(server, { VAULT_ADDR: openBao.address, VAULT_TOKEN: reader });
  await reading.workspace.write(declareReading(`secret_store = ${store}`));
  // A Developer token may not configure the provider, so that the error shows whose secret was read.
  await reading.workspace.expectError(/may not administer/, "plan");
  await reading.workspace.write(declareReading(`destination = "vault://kv/${path}#other"`));
  await reading.workspace.expectError(/There is no stored secret/, "plan");
});

test.each([
  ["two places", 'destination = "vault://kv/a#b"\n secret_store = { file = { path = "a" } }', /Conflicting attributes/],
  ["no place", "", /Missing attribute[\s\S]*Exactly one of "destination", "secret_store"/],
  [
    "two stores",
    'secret_store = { file = { path = "a" }, vault = { mount = "a", path = "b" } }',
    /Conflicting attributes/,
  ],
  ["a fingerprint that is none", 'destination = "vault://kv/a#b"\n fingerprint = "x"', /16 lower-case hexadecimal/],
])("%s is refused by validate", async (_, argument, message) => {
  const it = await createBench(server);
  await it.workspace.write(`ephemeral "orgtokens_stored_secret" "it" {\n${argument}\n}`);
  await it.workspace.expectError(message, "validate");
});

test("the URI of no known store is refused", async () => {
  const it = await createBench(server);
  await it.workspace.write(declareReading('destination = "s3://bucket/key"'));
  await it.workspace.expectError(/Invalid value for destination[\s\S]*destination = "s3/, "plan");
});
