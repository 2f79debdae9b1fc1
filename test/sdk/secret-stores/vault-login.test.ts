/** Each way to log in at Vault, at a real OpenBao. */
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { inspect } from "node:util";
import type { VaultLogin } from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createHostCertificate } from "../../../provider/testing/host-certificate.ts";
import { buildName, buildSecret, expectHolds, put, refusal } from "../../conformance/secret-stores.ts";
import { writeApplyPolicy } from "../../support/openbao-login.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { observe, startVaultBench, textAt, type VaultBench, vaultPolicy } from "../../support/vault-bench.ts";

let bench: VaultBench;
const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });

beforeAll(async () => {
  bench = await startVaultBench();
  const publicKey = keys.publicKey.export({ type: "spki", format: "pem" });
  await bench.bao.request("POST", "auth/jwt/config", { jwt_validation_pubkeys: [publicKey] });
  await bench.bao.request("POST", "auth/jwt/role/ci", {
    role_type: "jwt",
    bound_audiences: ["vault"],
    user_claim: "sub",
    token_policies: ["orgtokens"],
    token_ttl: "10m",
  });
}, 330_000);

afterAll(() => bench.bao.close());

function signJwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const seconds = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: "ES256", typ: "JWT" })}.${part({ iat: seconds, exp: seconds + 600, ...claims })}`;
  const signature = sign("sha256", Buffer.from(text), { key: keys.privateKey, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}

async function expectWorks(login: VaultLogin): Promise<void> {
  const seen = observe();
  const store = bench.open({ login, fetch: seen.fetch });
  await store.checkWritable();
  const secret = buildSecret();
  await put(store, secret);
  await expectHolds(store, secret);
  await store.close();
  expect(seen.paths.filter((path) => path.endsWith("/login"))).toHaveLength(1);
  expect(seen.tokens.size).toBeGreaterThan(0);
  await bench.expectRevoked(seen.tokens);
}

test("AppRole logs in with a secret id given, in a file or wrapped; the token is revoked at the end", async () => {
  const { role, roleId, secretId } = await bench.appRole();
  await expectWorks({ method: "approle", roleId, secretId });
  const secretIdFile = join(await temporaryFolder(), "secret-id");
  await writeFile(secretIdFile, `${secretId}\n`);
  await expectWorks({ method: "approle", roleId, secretIdFile });
  const wrapped = await fetch(`${bench.bao.address}/v1/auth/approle/role/${role}/secret-id`, {
    method: "POST",
    headers: { "X-Vault-Token": bench.bao.rootToken, "X-Vault-Wrap-TTL": "60" },
  });
  const wrappedSecretId = textAt(await wrapped.json(), "wrap_info", "token");
  const seen = observe();
  const store = bench.open({ login: { method: "approle", roleId, wrappedSecretId }, fetch: seen.fetch });
  await put(store, buildSecret());
  await store.close();
  const again = await refusal(() => bench.open({ login: { method: "approle", roleId, wrappedSecretId } }).describe());
  expect(again).toMatchObject({ code: "secret_store_refused", retryable: false });
  expect(inspect(again, { depth: 9 })).not.toContain(wrappedSecretId);
});

test("a wrapping token that was not made for a secret id is not unwrapped", async () => {
  const { roleId } = await bench.appRole();
  const wrapped = await fetch(`${bench.bao.address}/v1/sys/wrapping/wrap`, {
    method: "POST",
    headers: { "X-Vault-Token": bench.bao.rootToken, "X-Vault-Wrap-TTL": "60" },
    body: JSON.stringify({ secret_id: "planted" }),
  });
  const wrappedSecretId = textAt(await wrapped.json(), "wrap_info", "token");
  const seen = observe();
  const error = await refusal(() =>
    bench.open({ login: { method: "approle", roleId, wrappedSecretId }, fetch: seen.fetch }).describe(),
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
  const error = await refusal(() =>
    bench.open({ login: { method: "jwt", mount: "other/jwt", role: "ci", jwt } }).describe(),
  );
  expect(error).toMatchObject({ code: "secret_store_refused" });
});

test("the service account of a pod logs in by Kubernetes, which Vault asks about it", async () => {
  const reviewed: string[] = [];
  const cluster = createServer((request, response) => {
    request.setEncoding("utf8");
    let body = "";
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      reviewed.push(textAt(JSON.parse(body), "spec", "token"));
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
  await bench.bao.request("POST", "auth/kubernetes/config", {
    kubernetes_host: `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`,
    token_reviewer_jwt: signJwt({ sub: "reviewer" }),
    kubernetes_ca_cert: createHostCertificate().certificatePem,
    disable_local_ca_jwt: true,
  });
  await bench.bao.request("POST", "auth/kubernetes/role/ci", {
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
  await writeApplyPolicy(bench.bao);
  const script = new URL("../../../examples/terraform/stores/vault/roles.sh", import.meta.url);
  const commands = [...(await readFile(script, "utf8")).matchAll(/^vault write (\S+) (.+)$/gm)];
  expect(commands).toHaveLength(3);
  for (const [, path = "", words = ""] of commands) {
    await bench.bao.request("POST", path, Object.fromEntries(words.split(" ").map((word) => word.split("="))));
  }
  const role = "auth/approle/role/orgtokens";
  const roleId = textAt(await bench.bao.request("GET", `${role}/role-id`), "data", "role_id");
  const secretId = textAt(await bench.bao.request("POST", `${role}/secret-id`, {}), "data", "secret_id");
  const store = bench.open({ login: { method: "approle", roleId, secretId } }, `ci/${buildName()}`);
  const secret = buildSecret();
  await store.checkWritable();
  await put(store, secret);
  expect(await store.describe()).toMatchObject({ fingerprint: secret.fingerprint });
  expect((await refusal(() => store.read())).code).toBe("secret_store_refused");
  expect(await store.delete(secret.apiTokenId)).toBe("deleted");
  await store.close();
});

test("a login that is refused says where and what to check, and quotes nothing of it", async () => {
  const { roleId } = await bench.appRole();
  const jwt = signJwt({ sub: "pipeline", aud: "somebody else" });
  const logins: readonly (readonly [VaultLogin, RegExp])[] = [
    [{ method: "approle", roleId, secretId: "hunter2hunter2" }, /login at auth\/approle \(400\)[\s\S]*secret_id/],
    [{ method: "jwt", role: "ci", jwt }, /login at auth\/jwt \(400\)[\s\S]*audience/],
    [{ method: "jwt", role: "ci", jwtFile: "/nowhere/jwt" }, /\/nowhere\/jwt[\s\S]*ENOENT/],
  ];
  for (const [login, message] of logins) {
    const store = bench.open({ login });
    for (const act of [() => store.describe(), () => store.checkWritable(), () => put(store, buildSecret())]) {
      const error = await refusal(act);
      expect(error.message).toMatch(message);
      expect(error.retryable).toBe(false);
      expect(inspect([error, store], { depth: 9, showHidden: true })).not.toMatch(/hunter2hunter2|eyJ/);
    }
    await store.close();
  }
});

test("namespaces: a login in one of them opens what is there", async () => {
  const inTeam = async (method: string, path: string, body: object) => {
    const headers = { "X-Vault-Token": bench.bao.rootToken, "X-Vault-Namespace": "team" };
    const answer = await fetch(`${bench.bao.address}/v1/${path}`, { method, headers, body: JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return text === "" ? undefined : JSON.parse(text);
  };
  await bench.bao.request("POST", "sys/namespaces/team", {});
  await inTeam("POST", "sys/mounts/kv", { type: "kv", options: { version: "2" } });
  await inTeam("POST", "sys/auth/ci", { type: "approle" });
  await inTeam("PUT", "sys/policies/acl/orgtokens", { policy: vaultPolicy });
  await inTeam("POST", "auth/ci/role/it", { token_policies: ["orgtokens"] });
  const answer = await fetch(`${bench.bao.address}/v1/auth/ci/role/it/role-id`, {
    headers: { "X-Vault-Token": bench.bao.rootToken, "X-Vault-Namespace": "team" },
  });
  const roleId = textAt(await answer.json(), "data", "role_id");
  const secretId = textAt(await inTeam("POST", "auth/ci/role/it/secret-id", {}), "data", "secret_id");
  const login = { method: "approle", mount: "ci", roleId, secretId } as const;
  const store = bench.open({ login, namespace: "team" });
  const secret = buildSecret();
  await expect.poll(() => put(store, secret).then(() => "written", String), { timeout: 10_000 }).toBe("written");
  await expectHolds(store, secret);
  await store.close();
  expect((await refusal(() => bench.open({ login }).describe())).code).toMatch(/refused|not_found/);
});
