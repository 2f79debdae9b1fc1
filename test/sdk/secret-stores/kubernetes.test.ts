/** A key of a Kubernetes Secret as a store: a real API server with RBAC. */
import { createHash } from "node:crypto";
import {
  destinationOf,
  type KubernetesSecretStoreOptions,
  openKubernetesSecretStore,
  parseDestination,
  type SecretStore,
} from "@orgtokens/sdk/secret-stores";
import { createFaultProxy, type FaultProxy } from "@orgtokens/sdk/secret-stores/conformance";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import {
  buildName,
  buildSecret,
  describeSecretStore,
  expectHolds,
  put,
  refusal,
} from "../../conformance/secret-stores.ts";
import { type Kubernetes, startKubernetes } from "../../support/kubernetes.ts";

let kubernetes: Kubernetes;
let proxy: FaultProxy;

beforeAll(async () => {
  const programs = inject("kubernetes");
  if (programs === undefined) return;
  kubernetes = await startKubernetes(programs);
  proxy = createFaultProxy({ host: "127.0.0.1", port: Number(new URL(kubernetes.host).port) });
}, 120_000);

afterAll(async () => {
  await proxy?.close();
  await kubernetes?.close();
});

function open(name: string, options: Partial<KubernetesSecretStoreOptions> = {}): SecretStore {
  const { host, adminToken: token, caCertificate } = kubernetes;
  return openKubernetesSecretStore({ host, token, caCertificate, namespace: "ci", name, key: "token", ...options });
}

const pathOf = (name: string) => `api/v1/namespaces/ci/secrets/${name}`;
const mergePatch = "application/merge-patch+json";
const encode = (text: string) => Buffer.from(text).toString("base64");

/** Changes a Secret as `kubectl patch` does, or creates it as `kubectl create` does. */
async function change(name: string, body: object): Promise<void> {
  const manager = "?fieldManager=kubectl";
  await kubernetes.request("PATCH", `${pathOf(name)}${manager}`, body, mergePatch).catch(() => create(name, body));
}

async function create(name: string, body: object): Promise<void> {
  const path = "api/v1/namespaces/ci/secrets?fieldManager=kubectl-create";
  await kubernetes.request("POST", path, { metadata: { name }, ...body });
}

const raw = async (name: string) => JSON.stringify(await kubernetes.request("GET", pathOf(name)));

describeSecretStore(
  "kubernetes",
  () => ({
    open,
    names: "restricted",
    openDestination: (destination) => open("", placeOf(destination)),
    foreignWrite: (name, text) => change(name, { data: { token: encode(text) } }),
    foreignDelete: (name) => change(name, { data: { token: null } }),
    metadata: async (name) => {
      const { metadata } = Object(await kubernetes.request("GET", pathOf(name)));
      return JSON.stringify(metadata);
    },
    cutShort: { none: "One request writes secret and metadata: there is nothing between that a crash could leave." },
    lacking: {
      describe: { none: "Who may write may describe, by a rehearsal." },
      delete: { none: "Who may write and not delete empties the Secret." },
      write: (name) => openAllowed(name, "get", "delete"),
      read: (name) => openAllowed(name, "create", "patch", "delete"),
    },
    network: { proxy, open: (name, port) => open(name, { host: `https://127.0.0.1:${port}` }) },
    credentials: () => [kubernetes.adminToken],
    refusedNames: ["", "a/b", "Upper", "-a", "a-", "a..b", ".", "..", "under_score", "a".repeat(254)],
  }),
  [
    "refuses to describe without",
    "refuses to delete without",
    "shows a write that was cut short",
    "deletes what a write that was cut short",
  ],
);

async function openAllowed(name: string, ...verbs: readonly string[]): Promise<SecretStore> {
  const rule = { apiGroups: [""], resources: ["secrets"], resourceNames: [name], verbs };
  return open(name, { token: await kubernetes.tokenWith(rule) });
}

function placeOf(destination: string) {
  const place = parseDestination(destination);
  if (place === undefined || !("kubernetes" in place)) throw new Error(`${destination} names no Secret.`);
  return place.kubernetes;
}

describe("a key of a Secret", () => {
  test("has a destination that leads back to it; keys that no annotation can be named after are refused", async () => {
    const place = { namespace: "ci", name: "deploy.tokens", key: "API_token.1" };
    expect(destinationOf({ kubernetes: place })).toBe("kubernetes://ci/deploy.tokens#API_token.1");
    expect(placeOf("kubernetes://ci/deploy.tokens#API_token.1")).toEqual(place);
    for (const key of ["", ".dockercfg", "a/b", "a b", "k".repeat(64), "ü"]) {
      expect((await refusal(() => open("x", { key }))).code, key).toBe("secret_store_invalid_argument");
    }
  });

  test("leaves the other keys, labels and annotations of the Secret to their owners, in writing and deleting", async () => {
    const name = buildName();
    const theirs = {
      data: { password: encode("hunter2") },
      metadata: { labels: { team: "a" }, annotations: { note: "b" } },
    };
    await create(name, { ...theirs, metadata: { name, ...theirs.metadata } });
    const store = open(name);
    expect(await store.describe()).toBeUndefined();
    const secret = buildSecret();
    await put(store, secret);
    await put(store, buildSecret(secret.apiTokenId));
    expect(await kubernetes.request("GET", pathOf(name))).toMatchObject(theirs);
    expect(await store.delete(secret.apiTokenId)).toBe("deleted");
    expect(await kubernetes.request("GET", pathOf(name))).toMatchObject(theirs);
    expect(await raw(name)).not.toMatch(/orgtokens|"token"/);
  });

  test("is still ours after others changed other keys, and drifted after they changed it, without a look at the value", async () => {
    const name = buildName();
    const store = open(name);
    const secret = buildSecret();
    await put(store, secret);
    await change(name, { data: { other: encode("x") }, metadata: { labels: { a: "b" } } });
    expect(await store.describe()).toMatchObject({ fingerprint: secret.fingerprint, version: "1" });
    const object = Object(await kubernetes.request("GET", pathOf(name)));
    await kubernetes.request("PUT", pathOf(name), { ...object, data: { ...object.data, token: encode("x") } });
    expect(await store.describe()).toEqual({ apiTokenId: secret.apiTokenId });
  });

  test("in a Secret whose list of managers was emptied counts as changed when it is ours, and is refused when it is somebody's", async () => {
    const [ours, theirs] = [buildName(), buildName()];
    const secret = buildSecret();
    await put(open(ours), secret);
    await create(theirs, { data: { token: encode("hunter2") } });
    for (const name of [ours, theirs]) await change(name, { metadata: { managedFields: [{}] } });
    expect(await open(ours).describe()).toEqual({ apiTokenId: secret.apiTokenId });
    const next = buildSecret(secret.apiTokenId);
    await put(open(ours), next);
    await expectHolds(open(ours), next);
    for (const act of [(store: SecretStore) => store.checkWritable(), (store: SecretStore) => put(store, secret)]) {
      expect((await refusal(() => act(open(theirs)))).code).toBe("secret_store_occupied");
    }
    expect(await open(theirs).read()).toBe("hunter2");
    await put(open(theirs, { key: "another" }), secret);
    expect(await open(theirs).read()).toBe("hunter2");
  });

  test("is written together with its metadata: a request that was cut off has written both or nothing", async () => {
    const name = buildName();
    const secret = buildSecret();
    await put(open(name), secret);
    for (let round = 0; round < 20; round += 1) {
      const store = open(name);
      const written = put(store, buildSecret(secret.apiTokenId), { signal: AbortSignal.timeout(2 + round) });
      await written.catch(() => undefined);
      const { fingerprint } = (await open(name).describe()) ?? {};
      expect(fingerprint).toBe(
        createHash("sha256")
          .update((await open(name).read()) ?? "")
          .digest("hex")
          .slice(0, 16),
      );
      await store.close();
    }
  });

  test("is one of 50 that are written to one Secret at once, and none is lost", async () => {
    const name = buildName();
    const keys = Array.from({ length: 50 }, (_, index) => `token-${index}`);
    const secrets = keys.map(() => buildSecret());
    await Promise.all(keys.map((key, index) => put(open(name, { key }), secrets[index] ?? buildSecret())));
    const again = keys.map((_, index) => buildSecret(secrets[index]?.apiTokenId));
    const settled = await Promise.allSettled(
      keys.slice(0, 8).map((key, index) => put(open(name, { key }), again[index] ?? buildSecret())),
    );
    expect(settled.filter(({ status }) => status === "rejected")).toEqual([]);
    const data = Object(await kubernetes.request("GET", pathOf(name))).data;
    for (const [index, key] of keys.entries()) {
      const expected = index < 8 ? again[index] : secrets[index];
      expect(data[key]).toBe(encode(expected?.text ?? ""));
      expect((await open(name, { key }).describe())?.fingerprint).toBe(expected?.fingerprint);
    }
  }, 60_000);

  test("in a Secret that was prepared with a type and labels leaves both, and stays there when it is deleted", async () => {
    const name = buildName();
    const prepared = { type: "example.com/tokens", metadata: { labels: { "argocd.argoproj.io/secret-type": "x" } } };
    await create(name, { ...prepared, metadata: { name, ...prepared.metadata } });
    const secret = buildSecret();
    await put(open(name), secret);
    expect(await kubernetes.request("GET", pathOf(name))).toMatchObject(prepared);
    expect(await open(name).delete(secret.apiTokenId)).toBe("deleted");
    expect(await kubernetes.request("GET", pathOf(name))).toMatchObject(prepared);
  });

  test("that another manager applies by force has drifted; one that it has applied first is refused", async () => {
    const [ours, theirs] = [buildName(), buildName()];
    const secret = buildSecret();
    await put(open(ours), secret);
    for (const name of [ours, theirs]) {
      const body = { apiVersion: "v1", kind: "Secret", metadata: { name }, data: { token: encode("theirs") } };
      const query = "?fieldManager=argocd&force=true";
      await kubernetes.request("PATCH", `${pathOf(name)}${query}`, body, "application/apply-patch+yaml");
    }
    expect(await open(ours).describe()).toEqual({ apiTokenId: secret.apiTokenId });
    expect((await refusal(() => put(open(theirs), secret))).code).toBe("secret_store_occupied");
    expect(await open(theirs).read()).toBe("theirs");
  });

  test("of an immutable Secret is refused before anything is created, and while writing; it can be deleted", async () => {
    const name = buildName();
    const secret = buildSecret();
    await put(open(name), secret);
    await change(name, { immutable: true });
    for (const act of [
      (store: SecretStore) => store.checkWritable(),
      (store: SecretStore) => put(store, buildSecret(secret.apiTokenId)),
    ]) {
      const error = await refusal(() => act(open(name)));
      expect(error).toMatchObject({ code: "secret_store_invalid_argument", retryable: false });
      expect(error.message).toContain(`ci/${name} is immutable`);
    }
    await expectHolds(open(name), secret);
    const foreign = buildName();
    await create(foreign, { immutable: true });
    expect((await refusal(() => open(foreign).checkWritable())).message).toContain("is immutable");
  });

  test("of a namespace that does not exist, or is going away, is refused before anything is created", async () => {
    await kubernetes.request("POST", "api/v1/namespaces", {
      metadata: { name: "going" },
      spec: { finalizers: ["kubernetes"] },
    });
    await kubernetes.request("DELETE", "api/v1/namespaces/going");
    for (const namespace of ["nowhere", "going"]) {
      const error = await refusal(() => open("x", { namespace }).checkWritable());
      expect(error).toMatchObject({ code: "secret_store_not_found", retryable: false });
      expect(error.message).toContain(namespace);
      expect(await open("x", { namespace }).describe()).toBeUndefined();
    }
  });

  test("of a Secret that is being deleted is refused: it would go with it", async () => {
    const name = buildName();
    const secret = buildSecret();
    await put(open(name), secret);
    await change(name, { metadata: { finalizers: ["example.com/hold"] } });
    await kubernetes.request("DELETE", pathOf(name));
    for (const act of [
      (store: SecretStore) => store.checkWritable(),
      (store: SecretStore) => put(store, buildSecret(secret.apiTokenId)),
    ]) {
      const error = await refusal(() => act(open(name)));
      expect(error).toMatchObject({ code: "secret_store_unreachable", retryable: true });
      expect(error.message).toContain("is being deleted");
    }
    await change(name, { metadata: { finalizers: null } });
    await put(open(name), secret);
    await expectHolds(open(name), secret);
  });

  test("of a Secret that is full is refused, and what is there stays", async () => {
    const name = buildName();
    await create(name, { data: { other: encode("x".repeat(1024 * 1024 - 1000)) } });
    for (const act of [(store: SecretStore) => store.write("y".repeat(4096), buildSecret())]) {
      const error = await refusal(() => act(open(name)));
      expect(error).toMatchObject({ code: "secret_store_invalid_argument", retryable: false });
      expect(error.message).not.toContain("yyy");
    }
    expect(await open(name).describe()).toBeUndefined();
  });

  test("of a Secret that vanishes or changes between look and write is not brought back, or overwritten unseen", async () => {
    const name = buildName();
    const secret = buildSecret();
    await put(open(name), secret);
    const seen = await open(name).describe();
    await kubernetes.request("DELETE", pathOf(name));
    const error = await refusal(() => put(open(name), buildSecret(secret.apiTokenId), { expecting: seen }));
    expect(error.code).toBe("secret_store_conflict");
    expect(await open(name).describe()).toBeUndefined();
  });
});
