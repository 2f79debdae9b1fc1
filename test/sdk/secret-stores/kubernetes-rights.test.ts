/** What a user of a cluster must be allowed, verb by verb: a real API server with RBAC. */
import { openKubernetesSecretStore, type SecretStore } from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { buildName, buildSecret, expectHolds, put, refusal } from "../../conformance/secret-stores.ts";
import { type Kubernetes, type RoleRule, startKubernetes } from "../../support/kubernetes.ts";

let kubernetes: Kubernetes;

beforeAll(async () => {
  const programs = inject("kubernetes");
  if (programs !== undefined) kubernetes = await startKubernetes(programs);
}, 120_000);

afterAll(() => kubernetes?.close());

function open(name: string, token = kubernetes.adminToken): SecretStore {
  const { host, caCertificate } = kubernetes;
  return openKubernetesSecretStore({ host, token, caCertificate, namespace: "ci", name, key: "token" });
}

const secrets = (name: string, ...verbs: readonly string[]): RoleRule => ({
  apiGroups: [""],
  resources: ["secrets"],
  resourceNames: [name],
  verbs,
});

const tokenFor = (name: string, ...verbs: readonly string[]) => kubernetes.tokenWith(secrets(name, ...verbs));

const getSecret = (name: string) => kubernetes.request("GET", `api/v1/namespaces/ci/secrets/${name}`);

test("create, patch and delete of one Secret by its name are enough for a whole life, and read nothing back", async () => {
  const name = buildName();
  const store = open(name, await tokenFor(name, "create", "patch", "delete"));
  expect(await store.describe()).toBeUndefined();
  await store.checkWritable();
  const secret = buildSecret();
  await put(store, secret);
  const next = buildSecret(secret.apiTokenId);
  await put(store, next);
  await expectHolds(open(name), next);
  expect(await store.describe()).toMatchObject({ fingerprint: next.fingerprint, version: "2" });
  const denied = await refusal(() => store.read());
  expect(denied).toMatchObject({ code: "secret_store_refused", retryable: false });
  expect(denied.message).toContain(`resourceNames: ["${name}"], verbs: ["get"]`);
  expect(await store.delete(secret.apiTokenId)).toBe("deleted");
  await expect(getSecret(name)).rejects.toThrow("404");
});

test("rights to one Secret are rights to no other one", async () => {
  const store = open(buildName(), await tokenFor("another", "create", "patch", "delete", "get"));
  for (const act of [() => store.describe(), () => store.checkWritable(), () => put(store, buildSecret())]) {
    expect((await refusal(act)).code).toBe("secret_store_refused");
  }
});

test("where create is missing, a Secret that is there is written, and one that is not is refused before anything is created", async () => {
  const [present, absent] = [buildName(), buildName()];
  await kubernetes.request("POST", "api/v1/namespaces/ci/secrets", { metadata: { name: present } });
  const secret = buildSecret();
  const store = open(present, await tokenFor(present, "patch"));
  await store.checkWritable();
  await put(store, secret);
  await expectHolds(open(present), secret);
  const error = await refusal(async () => open(absent, await tokenFor(absent, "patch")).checkWritable());
  expect(error.code).toBe("secret_store_refused");
  expect(error.message).toContain(`resourceNames: ["${absent}"], verbs: ["create", "patch"]`);
});

test("where patch is missing, nothing is written, and it is said before anything is created", async () => {
  for (const verbs of [["get"], ["create"], ["get", "create", "delete"]]) {
    const name = buildName();
    const store = open(name, await tokenFor(name, ...verbs));
    for (const act of [() => store.checkWritable(), () => put(store, buildSecret())]) {
      const error = await refusal(act);
      expect(error.code, verbs.join()).toBe("secret_store_refused");
      expect(error.message).toContain('"patch"');
    }
    expect(await open(name).describe()).toBeUndefined();
  }
});

test("where delete is missing, the secret and its metadata are removed, and an empty Secret stays", async () => {
  const name = buildName();
  const store = open(name, await tokenFor(name, "create", "patch"));
  const secret = buildSecret();
  await put(store, secret);
  expect(await store.delete(secret.apiTokenId)).toBe("deleted");
  expect(await store.delete(secret.apiTokenId)).toBe("absent");
  expect(JSON.stringify(await getSecret(name))).not.toMatch(/orgtokens|"token"/);
  const next = buildSecret();
  await store.checkWritable();
  await put(store, next);
  await expectHolds(open(name), next);
});

test("get alone shows whether a secret is still ours", async () => {
  const name = buildName();
  const secret = buildSecret();
  await put(open(name), secret);
  const store = open(name, await tokenFor(name, "get"));
  expect(await store.describe()).toMatchObject({ fingerprint: secret.fingerprint });
  expect(await store.read()).toBe(secret.text);
});

test("no right and unknown credentials are told apart, and neither is quoted", async () => {
  const name = buildName();
  const powerless = await kubernetes.tokenWith();
  const refused = await refusal(() => open(name, powerless).describe());
  expect(refused.message).toContain("(403)");
  const unknown = await refusal(() => open(name, "unknown-token").describe());
  expect(unknown.message).toContain("(401)");
  for (const error of [refused, unknown])
    expect(error).toMatchObject({ code: "secret_store_refused", retryable: false });
  expect(`${refused.message}${unknown.message}`).not.toMatch(new RegExp(`${powerless}|unknown-token`));
});

// What the documentation says is not possible: if Kubernetes ever makes it possible, say so there.
test("the right to patch shows the value to whoever asks for it, which the store does not", async () => {
  const name = buildName();
  const secret = buildSecret();
  await put(open(name), secret);
  const token = await tokenFor(name, "patch");
  const answer = await kubernetes.requestAs(
    token,
    "PATCH",
    `api/v1/namespaces/ci/secrets/${name}`,
    {},
    "application/merge-patch+json",
  );
  expect(answer).toMatchObject({ data: { token: Buffer.from(secret.text).toString("base64") } });
});
