/** `orgtokens_api_token` with Azure Key Vault as its store: real Terraform, the official client, a double of Azure. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type AzureDouble, startAzureDouble } from "../../support/azure-double.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, createBench, declare, unwrap } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let server: ServerProcess;
let azure: AzureDouble;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  [server, azure] = await Promise.all([startServer(serverFolder), startAzureDouble()]);
});

afterAll(async () => {
  await Promise.all([server.close(), azure.close()]);
  await rm(serverFolder, { recursive: true, force: true });
});

async function createAzureBench(environment: Readonly<Record<string, string>> = {}) {
  const bench = await createBench(server, { ...(await azure.environment()), ...environment });
  const name = `acceptance-${bench.folder.split("-").at(-1)?.toLowerCase()}`;
  return { ...bench, name, store: `{ azure_key_vault = { vault = "my-vault", secret = "${name}" } }` };
}

test.each([
  ["was disabled", (name: string) => azure.vault.disable(name)],
  ["was deleted", (name: string) => azure.vault.delete(name)],
  ["was overwritten", (name: string) => void azure.vault.set(name, "other")],
])("a stored secret that %s is found from metadata, and the next apply puts a working one there", async (_, damage) => {
  const it = await createAzureBench();
  await it.workspace.write(declare(it, "", { store: it.store }));
  await it.workspace.apply();
  expect(await it.workspace.isSettled()).toBe(true);
  const old = azure.vault.text(it.name);
  expect(await server.answer(old)).toBe("accepted");
  damage(it.name);
  expect(await it.workspace.isSettled()).toBe(false);
  await it.workspace.apply();
  expect(azure.vault.text(it.name)).not.toBe(old);
  expect(await server.answer(azure.vault.text(it.name))).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a secret is rotated, moves from a file into Azure and back and there again, and is gone with the token", async () => {
  const it = await createAzureBench();
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const [one, two] = ["1", "2"].map((quarter) => `rotate_when_changed = { quarter = "${quarter}" }`);
  await it.workspace.write(declare(it, `expires_in = "90d"\n${one}`, { store: it.store }));
  await it.workspace.apply();
  const first = azure.vault.text(it.name);
  expect(await server.answer(first)).toBe("accepted");
  expect(existsSync(join(it.folder, "secret"))).toBe(false);
  const state = await it.workspace.attributes(address);
  expect(state).toMatchObject({ destination: `azure-key-vault://my-vault/${it.name}` });
  await it.workspace.write(declare(it, `expires_in = "90d"\n${two}`, { store: it.store }));
  await it.workspace.apply();
  expect(azure.vault.text(it.name)).not.toBe(first);
  expect(await server.answer(azure.vault.text(it.name))).toBe("accepted");
  const { expires, tags } = azure.vault.versions(it.name).at(-1) ?? {};
  expect(expires).toBeGreaterThan(Date.now() / 1000);
  expect(tags).toMatchObject({ orgtokens_label: `token of ${it.folder}` });
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.write(declare(it, two));
  await it.workspace.apply();
  expect(azure.vault.versions(it.name)).toEqual([]);
  expect(await server.answer(await it.secret())).toBe("accepted");
  await it.workspace.write(declare(it, two, { store: it.store }));
  await it.workspace.apply();
  expect(azure.vault.versions(it.name)).toHaveLength(3);
  expect(await server.answer(azure.vault.text(it.name))).toBe("accepted");
  await it.workspace.destroy();
  expect(azure.vault.versions(it.name)).toEqual([]);
  expect(await it.liveTokens()).toEqual([]);
});

test("a plan gets along with the right to see metadata, and no log of Azure's client shows a secret", async () => {
  const it = await createAzureBench({ AZURE_LOG_LEVEL: "verbose", TF_LOG: "trace" });
  await it.workspace.write(declare(it, "", { store: it.store }));
  const created = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(created.exitCode).toBe(0);
  expect(created.output).toContain("my-vault.vault.azure.net");
  for (const hidden of [azure.vault.text(it.name), azure.owner.clientSecret]) {
    expect(created.output).not.toContain(hidden);
  }
  const { tenantId, clientId, clientSecret } = azure.applicationWith(["readMetadata/action"]);
  const provider = `provider "orgtokens" {
    managed_by    = "${it.folder}"
    secret_stores = {
      azure = { tenant_id = "${tenantId}", client_id = "${clientId}", client_secret = "${clientSecret}" }
    }
  }`;
  await it.workspace.write(declare(it, "", { store: it.store }).replace(/provider "orgtokens" \{.*\}/, provider));
  expect(await it.workspace.isSettled()).toBe(true);
  azure.vault.set(it.name, "other");
  const applied = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(applied.exitCode).toBe(1);
  expect(unwrap(applied.output)).toMatch(/secret store refused[\s\S]*vaults\/secrets\/setSecret\/action/);
  expect(applied.output).not.toContain(clientSecret);
});

test("a place that Azure would take for another one, and credentials that are not whole, are refused before anything is made", async () => {
  const it = await createAzureBench();
  const store = '{ azure_key_vault = { vault = "my-vault", secret = "CI-Token" } }';
  await it.workspace.write(declare(it, "", { store }));
  const planned = await it.workspace.run("plan", "-input=false");
  expect(planned.exitCode).toBe(1);
  expect(unwrap(planned.output)).toContain("lower-case letters, digits and hyphens");
  const provider = `provider "orgtokens" {
    secret_stores = { azure = { client_secret = "hunter2" } }
  }`;
  await it.workspace.write(declare(it, "", { store: it.store }).replace(/provider "orgtokens" \{.*\}/, provider));
  const applied = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(applied.exitCode).toBe(1);
  expect(unwrap(applied.output)).toContain("needs a tenant id and a client id");
  expect(await it.liveTokens()).toEqual([]);
});
