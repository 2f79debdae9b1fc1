/** Who we are at Vault, and for how long: each way to log in at a real OpenBao. */
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { inspect } from "node:util";
import {
  openVaultSecretStore,
  type SecretStore,
  type VaultAccess,
  type VaultLogin,
  VaultSessions,
} from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createHostCertificate } from "../../../provider/testing/host-certificate.ts";
import { buildName, buildSecret, expectHolds, put, refusal } from "../../conformance/secret-stores.ts";
import { type OpenBao, startOpenBao } from "../../support/openbao.ts";
import { writeApplyPolicy } from "../../support/openbao-login.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

let bao: OpenBao;
const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
const policy = `
  path "kv/data/*" { capabilities = ["create", "update", "patch", "read"] }
  path "kv/subkeys/*" { capabilities = ["read"] }
  path "kv/metadata/*" { capabilities = ["create", "update", "patch", "read", "delete"] }`;

beforeAll(async () => {
  bao = await startOpenBao();
  await bao.request("PUT", "sys/policies/acl/orgtokens", { policy });
  for (const type of ["approle", "jwt", "kubernetes"]) await bao.request("POST", `sys/auth/${type}`, { type });
  const publicKey = keys.publicKey.export({ type: "spki", format: "pem" });
  await bao.request("POST", "auth/jwt/config", { jwt_validation_pubkeys: [publicKey] });
  await bao.request("POST", "auth/jwt/role/ci", {
    role_type: "jwt",
    bound_audiences: ["vault"],
    user_claim: "sub",
    token_policies: ["orgtokens"],
    token_ttl: "10m",
  });
}, 330_000);

afterAll(() => bao.close());

/** What was asked of Vault, in order. */
type Observed = { readonly fetch: typeof fetch; readonly paths: string[]; readonly tokens: Set<string> };

function observe(): Observed {
  const paths: string[] = [];
  const tokens = new Set<string>();
  const send: typeof fetch = async (input, init) => {
    paths.push(new URL(String(input)).pathname.replace("/v1/", ""));
    const token = new Headers(init?.headers).get("x-vault-token");
    if (token !== null) tokens.add(token);
    return fetch(input, init);
  };
  return { fetch: send, paths, tokens };
}

function open(access: Partial<VaultAccess>, path = buildName()): SecretStore {
  return openVaultSecretStore({ address: bao.address, mount: "kv", path, key: "token", ...access });
}

function member(value: unknown, ...names: readonly string[]): string {
  return String(names.reduce<unknown>((inner, name) => Object(inner)[name], value));
}

/** A role of AppRole, and a secret id of it. */
async function appRole(settings: object = {}, secretIdSettings: object = {}) {
  const role = buildName();
  await bao.request("POST", `auth/approle/role/${role}`, {
    token_policies: ["orgtokens"],
    token_ttl: "1h",
    token_max_ttl: "24h",
    ...settings,
  });
  const roleId = member(await bao.request("GET", `auth/approle/role/${role}/role-id`), "data", "role_id");
  const made = await bao.request("POST", `auth/approle/role/${role}/secret-id`, secretIdSettings);
  return { role, roleId, secretId: member(made, "data", "secret_id") };
}

function signJwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const seconds = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: "ES256", typ: "JWT" })}.${part({ iat: seconds, exp: seconds + 600, ...claims })}`;
  const signature = sign("sha256", Buffer.from(text), { key: keys.privateKey, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}

/** Expects that a token works for nothing any more. */
async function expectRevoked(tokens: Iterable<string>): Promise<void> {
  for (const token of tokens) {
    const answer = await fetch(`${bao.address}/v1/auth/token/lookup-self`, { headers: { "X-Vault-Token": token } });
    expect(answer.status).toBe(403);
  }
}

async function expectWorks(login: VaultLogin): Promise<void> {
  const seen = observe();
  const store = open({ login, fetch: seen.fetch });
  await store.checkWritable();
  const secret = buildSecret();
  await put(store, secret);
  await expectHolds(store, secret);
  await store.close();
  expect(seen.paths.filter((path) => path.endsWith("/login"))).toHaveLength(1);
  expect(seen.tokens.size).toBeGreaterThan(0);
  await expectRevoked(seen.tokens);
}

test("AppRole logs in with a secret id given, in a file or wrapped; the token is revoked at the end", async () => {
  const { role, roleId, secretId } = await appRole();
  await expectWorks({ method: "approle", roleId, secretId });
  const secretIdFile = join(await temporaryFolder(), "secret-id");
  await writeFile(secretIdFile, `${secretId}\n`);
  await expectWorks({ method: "approle", roleId, secretIdFile });
  const wrapped = await fetch(`${bao.address}/v1/auth/approle/role/${role}/secret-id`, {
    method: "POST",
    headers: { "X-Vault-Token": bao.rootToken, "X-Vault-Wrap-TTL": "60" },
  });
  const wrappedSecretId = member(await wrapped.json(), "wrap_info", "token");
  const seen = observe();
  const store = open({ login: { method: "approle", roleId, wrappedSecretId }, fetch: seen.fetch });
  await put(store, buildSecret());
  await store.close();
  const again = await refusal(() => open({ login: { method: "approle", roleId, wrappedSecretId } }).describe());
  expect(again).toMatchObject({ code: "secret_store_refused", retryable: false });
  expect(inspect(again, { depth: 9 })).not.toContain(wrappedSecretId);
});

test("a wrapping token that was not made for a secret id is not unwrapped", async () => {
  const { roleId } = await appRole();
  const wrapped = await fetch(`${bao.address}/v1/sys/wrapping/wrap`, {
    method: "POST",
    headers: { "X-Vault-Token": bao.rootToken, "X-Vault-Wrap-TTL": "60" },
    body: JSON.stringify({ secret_id: "planted" }),
  });
  const wrappedSecretId = member(await wrapped.json(), "wrap_info", "token");
  const seen = observe();
  const error = await refusal(() =>
    open({ login: { method: "approle", roleId, wrappedSecretId }, fetch: seen.fetch }).describe(),
  );
  expect(error.message).toContain("was not made by auth/approle");
  expect(seen.paths).toEqual(["sys/wrapping/lookup"]);
});

test("a JWT logs in, given or in a file, at the mount that is named", async () => {
  const jwt = signJwt({ sub: "pipeline", aud: "vault" });
  await expectWorks({ method: "jwt", role: "ci", jwt });
  const jwtFile = join(await temporaryFolder(), "jwt");
  await writeFile(jwtFile, `${jwt}\n`);
  await expectWorks({ method: "jwt", role: "ci", jwtFile });
  const error = await refusal(() => open({ login: { method: "jwt", mount: "other/jwt", role: "ci", jwt } }).describe());
  expect(error).toMatchObject({ code: "secret_store_refused" });
});

test("the service account of a pod logs in by Kubernetes, which Vault asks about it", async () => {
  const reviewed: string[] = [];
  const cluster = createServer((request, response) => {
    request.setEncoding("utf8");
    let body = "";
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      reviewed.push(member(JSON.parse(body), "spec", "token"));
      const user = { username: "system:serviceaccount:ci:runner", uid: "u-1", groups: ["system:serviceaccounts"] };
      const review = {
        kind: "TokenReview",
        apiVersion: "authentication.k8s.io/v1",
        status: { authenticated: true, user, audiences: ["https://kubernetes.default.svc"] },
      };
      response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify(review));
    });
  }).listen(0, "127.0.0.1");
  await once(cluster, "listening");
  onTestFinished(() => void cluster.close());
  const at = cluster.address();
  await bao.request("POST", "auth/kubernetes/config", {
    kubernetes_host: `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`,
    token_reviewer_jwt: signJwt({ sub: "reviewer" }),
    kubernetes_ca_cert: createHostCertificate().certificatePem,
    disable_local_ca_jwt: true,
  });
  await bao.request("POST", "auth/kubernetes/role/ci", {
    bound_service_account_names: ["runner"],
    bound_service_account_namespaces: ["ci"],
    token_policies: ["orgtokens"],
  });
  const jwt = signJwt({
    sub: "system:serviceaccount:ci:runner",
    aud: ["https://kubernetes.default.svc"],
    "kubernetes.io": { namespace: "ci", serviceaccount: { name: "runner", uid: "u-1" } },
  });
  const jwtFile = join(await temporaryFolder(), "token");
  await writeFile(jwtFile, jwt);
  await expectWorks({ method: "kubernetes", role: "ci", jwtFile });
  expect(reviewed).toEqual([jwt]);
});

test("the roles that the guide shows are accepted by Vault, and the one of AppRole opens a place with its policy", async () => {
  await writeApplyPolicy(bao);
  const script = new URL("../../../examples/terraform/stores/vault/roles.sh", import.meta.url);
  const commands = [...(await readFile(script, "utf8")).matchAll(/^vault write (\S+) (.+)$/gm)];
  expect(commands).toHaveLength(3);
  for (const [, path = "", words = ""] of commands) {
    await bao.request("POST", path, Object.fromEntries(words.split(" ").map((word) => word.split("="))));
  }
  const role = "auth/approle/role/orgtokens";
  const roleId = member(await bao.request("GET", `${role}/role-id`), "data", "role_id");
  const secretId = member(await bao.request("POST", `${role}/secret-id`, {}), "data", "secret_id");
  const store = open({ login: { method: "approle", roleId, secretId } }, `ci/${buildName()}`);
  const secret = buildSecret();
  await store.checkWritable();
  await put(store, secret);
  expect(await store.describe()).toMatchObject({ fingerprint: secret.fingerprint });
  expect((await refusal(() => store.read())).code).toBe("secret_store_refused");
  expect(await store.delete(secret.apiTokenId)).toBe("deleted");
  await store.close();
});

test("a token is read from a file, and is not revoked: it is somebody's", async () => {
  const token = await bao.tokenWith(policy);
  const tokenFile = join(await temporaryFolder(), ".vault-token");
  await writeFile(tokenFile, `${token}\n`);
  for (const access of [{ tokenFile }, { token }]) {
    const store = open(access);
    await put(store, buildSecret());
    await store.close();
  }
  expect(await open({ token }).describe()).toBeUndefined();
  const error = await refusal(() => open({ tokenFile: `${tokenFile}-other` }).describe());
  expect(error.message).toMatch(/\.vault-token-other[\s\S]*ENOENT[\s\S]*VAULT_TOKEN/);
});

test("places that share sessions log in once, however many there are and whenever they are closed", async () => {
  const { roleId, secretId } = await appRole({}, {});
  const sessions = new VaultSessions();
  const seen = observe();
  const access = { login: { method: "approle", roleId, secretId }, fetch: seen.fetch, sessions } as const;
  const work = Array.from({ length: 100 }, async () => {
    const store = open(access);
    expect(await store.describe()).toBeUndefined();
    await store.close();
  });
  await Promise.all(work);
  await open(access).describe();
  expect(seen.paths.filter((path) => path.endsWith("/login"))).toHaveLength(1);
  expect(seen.paths).not.toContain("auth/token/revoke-self");
  await sessions.close();
  await expectRevoked(seen.tokens);
});

test("a lease is renewed while it is used; near the longest that a token may live, another one is got", async () => {
  const { roleId, secretId } = await appRole({ token_ttl: "1h", token_max_ttl: "1h" });
  const seen = observe();
  let nowMs = 0;
  const login = { method: "approle", roleId, secretId } as const;
  const store = open({ login, fetch: seen.fetch, now: () => nowMs });
  const asked = async () => {
    seen.paths.length = 0;
    await store.describe();
    return seen.paths.slice(0, -1);
  };
  expect(await asked()).toEqual(["auth/approle/login"]);
  nowMs = 39 * 60_000;
  expect(await asked()).toEqual([]);
  nowMs = 41 * 60_000;
  expect(await asked()).toEqual(["auth/token/renew-self"]);
  expect(await asked()).toEqual([]);
  const batch = await appRole({ token_type: "batch" });
  const batchStore = open({
    login: { method: "approle", roleId: batch.roleId, secretId: batch.secretId },
    fetch: seen.fetch,
    now: () => nowMs,
  });
  await batchStore.describe();
  nowMs += 41 * 60_000;
  seen.paths.length = 0;
  await batchStore.describe();
  expect(seen.paths[0]).toBe("auth/approle/login");
  await batchStore.close();
});

test("a token that was revoked or used up meanwhile is got again, and what it was for is done", async () => {
  const { roleId, secretId } = await appRole({ token_num_uses: 5 });
  const seen = observe();
  const store = open({ login: { method: "approle", roleId, secretId }, fetch: seen.fetch });
  const secret = buildSecret();
  await put(store, secret);
  await expectHolds(store, secret);
  expect(seen.paths.filter((path) => path.endsWith("/login")).length).toBeGreaterThan(1);
  await bao.request("POST", "auth/token/revoke", { token: [...seen.tokens].at(-1) });
  await expectHolds(store, secret);
});

test("a right that is missing is no reason to log in again and again", async () => {
  await bao.request("PUT", "sys/policies/acl/nothing", {
    policy: 'path "kv/metadata/none" { capabilities = ["read"] }',
  });
  for (const settings of [{}, { token_no_default_policy: true }]) {
    const { roleId, secretId } = await appRole({ token_policies: ["nothing"], ...settings });
    const seen = observe();
    const store = open({ login: { method: "approle", roleId, secretId }, fetch: seen.fetch });
    for (let round = 0; round < 5; round += 1) {
      expect((await refusal(() => store.describe())).code).toBe("secret_store_refused");
    }
    expect(seen.paths.filter((path) => path.endsWith("/login")).length).toBeLessThanOrEqual(2);
    await store.close();
  }
});

test("a login that is refused says where and what to check, and quotes nothing of it", async () => {
  const { roleId } = await appRole();
  const jwt = signJwt({ sub: "pipeline", aud: "somebody else" });
  const logins: readonly (readonly [VaultLogin, RegExp])[] = [
    [{ method: "approle", roleId, secretId: "hunter2hunter2" }, /login at auth\/approle \(400\)[\s\S]*secret_id/],
    [{ method: "jwt", role: "ci", jwt }, /login at auth\/jwt \(400\)[\s\S]*audience/],
    [{ method: "jwt", role: "ci", jwtFile: "/nowhere/jwt" }, /\/nowhere\/jwt[\s\S]*ENOENT/],
  ];
  for (const [login, message] of logins) {
    const store = open({ login });
    for (const act of [() => store.describe(), () => store.checkWritable(), () => put(store, buildSecret())]) {
      const error = await refusal(act);
      expect(error.message).toMatch(message);
      expect(error.retryable).toBe(false);
      expect(inspect([error, store], { depth: 9, showHidden: true })).not.toMatch(/hunter2hunter2|eyJ/);
    }
    await store.close();
  }
});

test("who gives up while a login is under way is let go, and others still get it", async () => {
  const { roleId, secretId } = await appRole();
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const send: typeof fetch = async (input, init) => {
    if (String(input).endsWith("/login")) {
      reached.resolve();
      await released.promise;
    }
    return fetch(input, init);
  };
  const sessions = new VaultSessions();
  const access = { login: { method: "approle", roleId, secretId }, fetch: send, sessions } as const;
  const impatient = new AbortController();
  const abandoned = open(access).describe({ signal: impatient.signal });
  const patient = open(access).describe();
  await reached.promise;
  impatient.abort(new Error("enough"));
  await expect(abandoned).rejects.toThrow("enough");
  released.resolve();
  expect(await patient).toBeUndefined();
  await sessions.close();
});

test("namespaces: a login in one of them opens what is there", async () => {
  const inTeam = async (method: string, path: string, body: object) => {
    const headers = { "X-Vault-Token": bao.rootToken, "X-Vault-Namespace": "team" };
    const answer = await fetch(`${bao.address}/v1/${path}`, { method, headers, body: JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return text === "" ? undefined : JSON.parse(text);
  };
  await bao.request("POST", "sys/namespaces/team", {});
  await inTeam("POST", "sys/mounts/kv", { type: "kv", options: { version: "2" } });
  await inTeam("POST", "sys/auth/ci", { type: "approle" });
  await inTeam("PUT", "sys/policies/acl/orgtokens", { policy });
  await inTeam("POST", "auth/ci/role/it", { token_policies: ["orgtokens"] });
  const answer = await fetch(`${bao.address}/v1/auth/ci/role/it/role-id`, {
    headers: { "X-Vault-Token": bao.rootToken, "X-Vault-Namespace": "team" },
  });
  const roleId = member(await answer.json(), "data", "role_id");
  const secretId = member(await inTeam("POST", "auth/ci/role/it/secret-id", {}), "data", "secret_id");
  const login = { method: "approle", mount: "ci", roleId, secretId } as const;
  const store = open({ login, namespace: "team" });
  const secret = buildSecret();
  await expect.poll(() => put(store, secret).then(() => "written", String), { timeout: 10_000 }).toBe("written");
  await expectHolds(store, secret);
  await store.close();
  expect((await refusal(() => open({ login }).describe())).code).toMatch(/refused|not_found/);
});
