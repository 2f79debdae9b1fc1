/** What a plan may: see whether a secret is in its place, and never read one. A real OpenBao, real Terraform. */
import { readFile, rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type OpenBao, startOpenBao } from "../../support/openbao.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { type Bench, createBench, declare, unwrap } from "./bench.ts";

// Terraform takes seconds, and OpenBao is fetched once per machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 });

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

/** What the guide tells to paste, for whoever plans. */
const planPolicy = await readPolicy("plan");
/** The same for whoever applies. */
const applyPolicy = await readPolicy("apply");

function readPolicy(name: string): Promise<string> {
  return readFile(new URL(`../../../examples/terraform/guides/least-privilege/${name}.hcl`, import.meta.url), "utf8");
}

/** Runs a plan with a token of OpenBao, or with none. */
function planAs(bench: Bench, vaultToken: string | undefined) {
  const environment = vaultToken === undefined ? {} : { VAULT_ADDR: openBao.address, VAULT_TOKEN: vaultToken };
  return bench.workspace.runWith({ environment }, "plan", "-input=false", "-detailed-exitcode");
}

/** A token that was declared and applied with the policy for applying, and no more rights than that. */
async function deliver(more = ""): Promise<{ readonly bench: Bench; readonly path: string }> {
  const bench = await createBench(server);
  const path = `ci/${bench.folder.split("/").at(-1)}`;
  await bench.workspace.write(declare(bench, more, { store: `{ vault = { mount = "kv", path = "${path}" } }` }));
  await applyAs(bench, await openBao.tokenWith(applyPolicy));
  return { bench, path };
}

async function applyAs(bench: Bench, vaultToken: string, command: "apply" | "destroy" = "apply"): Promise<void> {
  const environment = { VAULT_ADDR: openBao.address, VAULT_TOKEN: vaultToken };
  const result = await bench.workspace.runWith({ environment }, command, "-input=false", "-auto-approve");
  expect(result.exitCode, result.output).toBe(0);
}

test("a plan needs to read metadata only: it is empty, and finds a secret that is gone", async () => {
  const { bench, path } = await deliver();
  const reader = await openBao.tokenWith(planPolicy);
  const denied = await fetch(`${openBao.address}/v1/kv/data/${path}`, { headers: { "X-Vault-Token": reader } });
  expect(denied.status).toBe(403);

  const settled = await planAs(bench, reader);
  expect(settled.exitCode, settled.output).toBe(0);
  expect(settled.output).not.toContain("could not be checked");

  await openBao.request("DELETE", `kv/data/${path}`);
  const drifted = await planAs(bench, reader);
  expect(drifted.exitCode, drifted.output).toBe(2);
  expect(drifted.output).toMatch(/0 to add, 1 to change, 0 to destroy/);
});

test("a plan with no access to the store at all warns, says what is not known, and is empty", async () => {
  const { bench } = await deliver();
  const blind = await planAs(bench, undefined);
  expect(blind.exitCode, blind.output).toBe(0);
  expect(unwrap(blind.output)).toMatch(
    /Warning: The secret store could not be checked.*Missing address of Vault.*secret_stores\.vault\.address.*VAULT_ADDR.*taken to be/,
  );
  const refused = await planAs(bench, "hvs.revoked");
  expect(refused.exitCode, refused.output).toBe(0);
  expect(unwrap(refused.output)).toMatch(
    /Warning: The secret store could not be checked.*policy needs: path "kv\/metadata/,
  );
});

test("an apply that must write says what is missing, changes nothing, and goes through with it", async () => {
  const { bench, path } = await deliver('rotate_when_changed = { at = "1" }');
  const { tokens: before } = await server.admin.listApiTokens({ managedBy: bench.folder });
  const store = `{ vault = { mount = "kv", path = "${path}" } }`;
  await bench.workspace.write(declare(bench, 'rotate_when_changed = { at = "2" }', { store }));
  const words = ["-input=false", "-auto-approve"];
  const blind = await bench.workspace.run("apply", ...words);
  expect(blind.exitCode).toBe(1);
  expect(unwrap(blind.output)).toMatch(/Error: Missing address of Vault.*VAULT_ADDR/);
  const environment = { VAULT_ADDR: openBao.address, VAULT_TOKEN: await openBao.tokenWith(planPolicy) };
  const refused = await bench.workspace.runWith({ environment }, "apply", ...words);
  expect(refused.exitCode).toBe(1);
  expect(unwrap(refused.output)).toMatch(
    /Error: The secret store refused.*policy needs: path "kv\/\S+ci\/\S+" \{ capabilities = \["create", "update", "patch"\] \}/,
  );
  const { tokens: after } = await server.admin.listApiTokens({ managedBy: bench.folder });
  expect(after.map(({ fingerprint }) => fingerprint)).toEqual(before.map(({ fingerprint }) => fingerprint));

  await applyAs(bench, await openBao.tokenWith(applyPolicy));
  expect((await planAs(bench, await openBao.tokenWith(planPolicy))).exitCode).toBe(0);
});

test("the policy for applying is enough to create, rotate and destroy", async () => {
  const { bench, path } = await deliver();
  const writer = await openBao.tokenWith(applyPolicy);
  await openBao.request("DELETE", `kv/data/${path}`);
  await applyAs(bench, writer);
  await applyAs(bench, writer, "destroy");
  await expect(openBao.request("GET", `kv/metadata/${path}`)).rejects.toThrow("404");
  expect(await bench.liveTokens()).toEqual([]);
});
