/** States that outlive a version of the provider, and resources that move within a configuration. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deliverApiToken } from "@orgtokens/sdk/delivery";
import { openFileSecretStore } from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, type Bench, createBench, declare } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000 });

/** What the first release wrote: `terraform.tfstate` after one apply. */
const firstRelease = fileURLToPath(new URL("./fixtures/state-0.1.0.json", import.meta.url));

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

/** Puts the old state down, with the id, the times and the place of a token that lives on this test's server. */
async function writeOldState(it: Bench): Promise<void> {
  const { client, store } = { client: server.admin, store: openFileSecretStore({ path: join(it.folder, "secret") }) };
  const request = {
    label: "CI deploy",
    role: "developer",
    description: "Written by 0.1.0.",
    expiresInSeconds: 90 * 86_400,
    managedBy: it.folder,
  } as const;
  const { apiToken } = await deliverApiToken({ client, store, request });
  const old = await readFile(firstRelease, "utf8");
  const here = [
    ["01a20d0a74440000a1f11c06", apiToken.id],
    ["5e2a99c85a56a573", apiToken.fingerprint],
    ["tok_BVPr****", apiToken.obfuscatedToken],
    ["2026-11-24T10:11:58.658Z", apiToken.created],
    ["2027-02-22T10:11:58.658Z", apiToken.expiresAt ?? ""],
    ["infra/prod", it.folder],
    ["/tmp/orgtokens-test-gA2Ros", it.folder],
  ] as const;
  for (const [there] of here) expect(old).toContain(there);
  const state = here.reduce((text, [there, own]) => text.replaceAll(there, own), old);
  await writeFile(join(it.workspace.folder, "terraform.tfstate"), state);
}

const unchanged = `
  description         = "Written by 0.1.0."
  expires_in          = "90d"
  rotate_when_changed = { quarter = "2026-Q4" }`;

test("a state of the first release plans nothing, and is written anew with what is known now", async () => {
  const it = await createBench(server);
  await writeOldState(it);
  const secret = await it.secret();
  await it.workspace.write(declare(it, unchanged, { label: "CI deploy" }));
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.apply();
  expect(await it.workspace.isSettled()).toBe(true);
  expect(await it.secret()).toBe(secret);
  await it.workspace.write(declare(it, `${unchanged}\n prevent_revoke = true`, { label: "CI deploy" }));
  expect((await it.workspace.apply()).output).toContain("0 added, 1 changed, 0 destroyed");
  expect(await it.workspace.attributes(address)).toMatchObject({
    prevent_revoke: true,
    rotation_due_at: null,
    organization_id: (await server.admin.getOrganization()).id,
  });
  expect(await it.secret()).toBe(secret);
});

test("a state of the first release can be destroyed without being refreshed first", async () => {
  const it = await createBench(server);
  await writeOldState(it);
  await it.workspace.write('provider "orgtokens" {}');
  const destroyed = await it.workspace.run("destroy", "-auto-approve", "-input=false", "-refresh=false");
  expect(destroyed.output).toContain("Destroy complete! Resources: 1 destroyed.");
  expect(await it.liveTokens()).toEqual([]);
});

test("a moved block renames the resource, and disturbs nothing", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const secret = await it.secret();
  await it.workspace.write(`
    ${declare(it).replace('"it"', '"renamed"')}
    moved {
      from = ${address}
      to   = orgtokens_api_token.renamed
    }`);
  expect((await it.workspace.apply()).output).toContain("0 added, 0 changed, 0 destroyed");
  expect(await it.secret()).toBe(secret);
});

test("a moved block takes the resource into a module, and disturbs nothing", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const [provider = "", resource = ""] = declare(it).split(/(?=resource )/);
  await mkdir(join(it.workspace.folder, "tokens"));
  await writeFile(
    join(it.workspace.folder, "tokens", "main.tf"),
    `terraform {\n required_providers {\n orgtokens = { source = "orgtokens/orgtokens" }\n }\n}\n${resource}`,
  );
  await it.workspace.write(`
    ${provider}
    module "tokens" {
      source = "./tokens"
    }
    moved {
      from = ${address}
      to   = module.tokens.${address}
    }`);
  const got = await it.workspace.run("get");
  expect(got.exitCode, got.output).toBe(0);
  expect((await it.workspace.apply()).output).toContain("0 added, 0 changed, 0 destroyed");
});

test("from count to for_each, moved blocks disturb nothing", async () => {
  const it = await createBench(server);
  const stores = (key: string) => `{ file = { path = "${it.folder}/\${${key}}" } }`;
  await it.workspace.write(declare(it, "count = 2", { store: stores("count.index") }));
  await it.workspace.apply();
  await it.workspace.write(`
    ${declare(it, 'for_each = { a = "0", b = "1" }', { store: stores("each.value") })}
    moved {
      from = ${address}[0]
      to   = ${address}["a"]
    }
    moved {
      from = ${address}[1]
      to   = ${address}["b"]
    }`);
  expect((await it.workspace.apply()).output).toContain("0 added, 0 changed, 0 destroyed");
});
