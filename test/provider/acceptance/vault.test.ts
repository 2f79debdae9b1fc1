/** `orgtokens_api_token` with Vault as its store: a real OpenBao, real Terraform. */
import { existsSync } from "node:fs";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type OpenBao, startOpenBao } from "../../support/openbao.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, type Bench, createBench, declare, unwrap } from "./bench.ts";

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

type VaultBench = Bench & { readonly path: string; readonly store: string; readonly stored: () => Promise<string> };

async function createVaultBench(environment: NodeJS.ProcessEnv = {}): Promise<VaultBench> {
  const bench = await createBench(server, {
    VAULT_ADDR: openBao.address,
    VAULT_TOKEN: openBao.rootToken,
    ...environment,
  });
  const path = `acceptance/${bench.folder.split("/").at(-1)}`;
  return {
    ...bench,
    path,
    store: `{ vault = { mount = "kv", path = "${path}" } }`,
    stored: async () =>
      /tok_[0-9A-Za-z]{36}/.exec(JSON.stringify(await openBao.request("GET", `kv/data/${path}`)))?.[0] ?? "",
  };
}

test.each([
  ["was deleted", (path: string) => openBao.request("DELETE", `kv/data/${path}`)],
  ["was destroyed with its metadata", (path: string) => openBao.request("DELETE", `kv/metadata/${path}`)],
  ["was overwritten", (path: string) => openBao.request("POST", `kv/data/${path}`, { data: { token: "other" } })],
])("a stored secret that %s is found from metadata, and the next apply puts a working one there", async (_, damage) => {
  const it = await createVaultBench();
  await it.workspace.write(declare(it, "", { store: it.store }));
  await it.workspace.apply();
  expect(await it.workspace.isSettled()).toBe(true);
  const old = await it.stored();
  await damage(it.path);
  expect(await it.workspace.isSettled()).toBe(false);
  await it.workspace.apply();
  expect(await it.stored()).not.toBe(old);
  expect(await server.answer(await it.stored())).toBe("accepted");
  expect(await server.answer(old)).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a secret moves from a file into Vault, and the file is gone", async () => {
  const it = await createVaultBench();
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const id = (await it.workspace.attributes(address))?.["id"];
  await it.workspace.write(declare(it, "", { store: it.store }));
  await it.workspace.apply();
  expect(await server.answer(await it.stored())).toBe("accepted");
  expect(existsSync(join(it.folder, "secret"))).toBe(false);
  expect(await it.workspace.attributes(address)).toMatchObject({ id, destination: `vault://kv/${it.path}#token` });
  await it.workspace.destroy();
  await expect(openBao.request("GET", `kv/metadata/${it.path}`)).rejects.toThrow("404");
});

test("a Vault token that may not write is refused before anything is created, with the policy it needs", async () => {
  const it = await createVaultBench();
  const reader = await openBao.tokenWith('path "kv/metadata/*" { capabilities = ["read"] }');
  const limited = await createBench(server, { VAULT_ADDR: openBao.address, VAULT_TOKEN: reader });
  await limited.workspace.write(declare(limited, "", { store: it.store }));
  const result = await limited.workspace.run("apply", "-auto-approve", "-input=false");
  expect(result.exitCode).toBe(1);
  expect(unwrap(result.output)).toMatch(
    /secret store refused[\s\S]*secret_store =[\s\S]*policy needs: path "kv\/data\/acceptance\/\S+" \{ capabilities = \["create", "update", "patch"\] \}/,
  );
  const { total } = await server.admin.listApiTokens({ managedBy: limited.folder, status: "all" });
  expect(total).toBe(0);
  expect(result.output).not.toContain(reader);
});

test("an unreachable Vault fails an apply at secret_store, and takes nothing away", async () => {
  const it = await createVaultBench({ VAULT_ADDR: "http://127.0.0.1:9" });
  await it.workspace.write(declare(it, "", { store: it.store }));
  const applied = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(applied.exitCode).toBe(1);
  expect(unwrap(applied.output)).toMatch(
    /did not answer[\s\S]*secret_store =[\s\S]*Vault at http:\/\/127\.0\.0\.1:9 does not answer/,
  );
  expect(await it.liveTokens()).toEqual([]);

  await it.workspace.write(
    declare(it, 'on_destroy = "revoke_and_keep"', { store: `{ file = { path = "${it.folder}/secret" } }` }),
  );
  await it.workspace.apply();
  await it.workspace.write(declare(it, 'on_destroy = "revoke_and_keep"', { store: it.store }));
  const moved = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(moved.exitCode).toBe(1);
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect(await it.workspace.attributes(address)).toMatchObject({ destination: `file://${it.folder}/secret` });
});

test("without an address of Vault the provider says where to set one", async () => {
  const it = await createVaultBench({ VAULT_ADDR: undefined });
  await it.workspace.write(declare(it, "", { store: it.store }));
  const result = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(unwrap(result.output)).toMatch(
    /Missing address of Vault[\s\S]*secret_stores\.vault\.address[\s\S]*VAULT_ADDR/,
  );
  expect(await it.liveTokens()).toEqual([]);
});

test("a secret moves out of a Vault that is not configured any more, with a word on the entry left behind", async () => {
  const it = await createVaultBench();
  await it.workspace.write(declare(it, "", { store: it.store }));
  await it.workspace.apply();
  const unconfigured = await createVaultBench({ VAULT_ADDR: undefined });
  await copyFile(
    join(it.workspace.folder, "terraform.tfstate"),
    join(unconfigured.workspace.folder, "terraform.tfstate"),
  );
  await unconfigured.workspace.write(declare(it));
  const moved = await unconfigured.workspace.apply();
  expect(unwrap(moved.output)).toMatch(/left behind[\s\S]*vault:\/\/kv\/acceptance\S+ could not be opened/);
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect(await unconfigured.workspace.isSettled()).toBe(true);
});
