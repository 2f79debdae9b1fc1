/** Terraform logs in at Vault by itself: AppRole and JWT, a real OpenBao, real Terraform. */
import { generateKeyPairSync, sign } from "node:crypto";
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type OpenBao, startOpenBao } from "../../support/openbao.ts";
import { createAppRole } from "../../support/openbao-login.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { type Bench, createBench, unwrap } from "./bench.ts";

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

/** Two tokens at keys of one entry, and how Vault is reached. */
function declareTwo({ folder }: Bench, vault: string): string {
  const path = `ci/${folder.split("/").at(-1)}`;
  return `
    provider "orgtokens" {
      managed_by    = "${folder}"
      secret_stores = { vault = ${vault} }
    }
    resource "orgtokens_api_token" "it" {
      for_each     = toset(["one", "two"])
      label        = "\${each.key} of ${folder}"
      role         = "developer"
      secret_store = { vault = { mount = "kv", path = "${path}", key = each.key } }
    }`;
}

async function accessors(): Promise<readonly string[]> {
  const answer = await openBao.request("LIST", "auth/token/accessors");
  return Object(Object(answer).data).keys;
}

test("AppRole: two tokens are delivered into one entry by the policy of an apply, each run leaves no token of Vault behind", async () => {
  const { roleId, secretId } = await createAppRole(openBao);
  const it = await createBench(server, {
    VAULT_ADDR: openBao.address,
    VAULT_TOKEN: "not-this-one",
    VAULT_SECRET_ID: secretId,
  });
  await it.workspace.write(declareTwo(it, `{ auth_login_approle = { role_id = "${roleId}" } }`));
  const before = await accessors();
  await it.workspace.apply();
  expect(await it.workspace.isSettled()).toBe(true);
  const path = `ci/${it.folder.split("/").at(-1)}`;
  const stored = JSON.stringify(await openBao.request("GET", `kv/data/${path}`));
  const secrets = stored.match(/tok_[0-9A-Za-z]{36}/g) ?? [];
  expect(secrets).toHaveLength(2);
  for (const secret of secrets) expect(await server.answer(secret)).toBe("accepted");
  for (const [file, content] of await it.workspace.files()) {
    if (!file.endsWith(".tf")) expect(content.includes(secretId), file).toBe(false);
  }
  await it.workspace.destroy();
  await expect(openBao.request("GET", `kv/metadata/${path}`)).rejects.toThrow("404");
  await expect.poll(accessors, { timeout: 10_000 }).toEqual(before);
});

test("JWT: a workload of Terraform Cloud logs in by its identity", async () => {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await createAppRole(openBao);
  await openBao.request("POST", "sys/auth/workloads", { type: "jwt" });
  const publicKey = keys.publicKey.export({ type: "spki", format: "pem" });
  await openBao.request("POST", "auth/workloads/config", { jwt_validation_pubkeys: [publicKey] });
  const role = { role_type: "jwt", bound_audiences: ["vault"], user_claim: "sub", token_policies: ["orgtokens-apply"] };
  await openBao.request("POST", "auth/workloads/role/ci", role);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const seconds = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: "ES256" })}.${part({ sub: "run", aud: "vault", iat: seconds, exp: seconds + 600 })}`;
  const signature = sign("sha256", Buffer.from(text), { key: keys.privateKey, dsaEncoding: "ieee-p1363" });
  const jwt = `${text}.${signature.toString("base64url")}`;
  const it = await createBench(server, { VAULT_ADDR: openBao.address, TFC_WORKLOAD_IDENTITY_TOKEN: jwt });
  await it.workspace.write(declareTwo(it, '{ auth_login_jwt = { mount = "workloads", role = "ci" } }'));
  await it.workspace.apply();
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.destroy();
});

test.each([
  ['{ token = "t", auth_login_jwt = {} }', /Conflicting attributes[\s\S]*"token", "auth_login_jwt"/],
  ['{ auth_login_approle = { secret_id = "a", secret_id_file = "b" } }', /Conflicting attributes[\s\S]*"secret_id"/],
  ['{ client_auth = { cert_file = "/c.pem" } }', /"key_file" must be set as well/],
  ['{ ca_cert_file = "/a", ca_cert_dir = "/b" }', /Conflicting attributes[\s\S]*"ca_cert_file"/],
  ["{ auth_login_token_file = {} }", /filename/],
])("%s is refused by validate", async (vault, message) => {
  const it = await createBench(server);
  await it.workspace.write(declareTwo(it, vault));
  await it.workspace.expectError(message, "validate");
});

test("not verifying the certificate of Vault is warned of before anything is done", async () => {
  const it = await createBench(server);
  await it.workspace.write(declareTwo(it, "{ skip_tls_verify = true }"));
  const { output } = await it.workspace.run("validate");
  expect(unwrap(output)).toMatch(/Warning: The certificate of Vault is not verified[\s\S]*ca_cert_file/);
});

test("a login that lacks something says which attribute and variable give it, one that is refused what to check", async () => {
  const { roleId } = await createAppRole(openBao);
  const it = await createBench(server, { VAULT_ADDR: openBao.address });
  await it.workspace.write(declareTwo(it, "{ auth_login_approle = {} }"));
  await it.workspace.expectError(/Missing role id[\s\S]*VAULT_ROLE_ID/, "apply");
  await it.workspace.write(
    declareTwo(it, `{ auth_login_approle = { role_id = "${roleId}", secret_id = "hunter2hunter2" } }`),
  );
  const text = await it.workspace.expectError(/login at auth\/approle \(400\)[\s\S]*secret_id/, "apply");
  expect(text).not.toContain("hunter2hunter2");
  expect(await it.liveTokens()).toEqual([]);
});
