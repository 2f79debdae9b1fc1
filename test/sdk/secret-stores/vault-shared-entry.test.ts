/** Entries of Vault that hold more than one secret of ours. A real OpenBao. */
import { openVaultSecretStore, type SecretStore, type VaultSecretStoreOptions } from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildName, buildSecret, expectHolds, put, refusal } from "../../conformance/secret-stores.ts";
import { type OpenBao, startOpenBao } from "../../support/openbao.ts";

let bao: OpenBao;

beforeAll(async () => {
  bao = await startOpenBao();
}, 330_000);

afterAll(() => bao.close());

function open(path: string, options: Partial<VaultSecretStoreOptions> = {}): SecretStore {
  return openVaultSecretStore({
    address: bao.address,
    token: bao.rootToken,
    mount: "kv",
    path,
    key: "token",
    ...options,
  });
}

/** Everything but reading secrets: what the guide tells to paste for an apply. */
function writerOf(name: string): Promise<string> {
  return bao.tokenWith(`
    path "kv/data/${name}" { capabilities = ["create", "update", "patch"] }
    path "kv/subkeys/${name}" { capabilities = ["read"] }
    path "kv/metadata/${name}" { capabilities = ["create", "update", "patch", "read", "delete"] }`);
}

async function contentOf(name: string): Promise<unknown> {
  const answer = await bao.request("GET", `kv/data/${name}`);
  return Object(Object(Object(answer).data).data);
}

test("other keys of an entry are kept when a secret is written, replaced and deleted by a token that may read no secret", async () => {
  const name = buildName();
  await bao.request("POST", `kv/data/${name}`, { data: { password: "hunter2", nested: { port: 5432 } } });
  const store = open(name, { token: await writerOf(name) });
  await store.checkWritable();
  expect(await store.describe()).toBeUndefined();
  const others = { password: "hunter2", nested: { port: 5432 } };
  const first = buildSecret();
  for (const secret of [first, buildSecret(first.apiTokenId)]) {
    await put(store, secret);
    expect(await contentOf(name)).toEqual({ ...others, token: secret.text });
    await expectHolds(open(name), secret);
  }
  expect((await refusal(() => store.read())).code).toBe("secret_store_refused");
  expect(await store.delete(first.apiTokenId)).toBe("deleted");
  expect(await contentOf(name)).toEqual(others);
  expect(await store.describe()).toBeUndefined();
  expect(await store.delete(first.apiTokenId)).toBe("absent");
});

test("a key that somebody else has put into an entry is refused, also without the right to read it", async () => {
  const name = buildName();
  await bao.request("POST", `kv/data/${name}`, { data: { token: "theirs", other: "1" } });
  const blind = await bao.tokenWith(`path "kv/metadata/${name}" { capabilities = ["read"] }`);
  for (const token of [await writerOf(name), bao.rootToken, blind]) {
    expect(await open(name, { token }).describe()).toEqual({});
  }
  const error = await refusal(async () => put(open(name, { token: await writerOf(name) }), buildSecret()));
  expect(error.code).toBe("secret_store_occupied");
  expect(await contentOf(name)).toEqual({ token: "theirs", other: "1" });
});

test("a change of another key is no drift for who may read, and drift for who may not", async () => {
  const name = buildName();
  const secret = buildSecret();
  await put(open(name), secret);
  await bao.request("POST", `kv/data/${name}`, { data: { token: secret.text, other: "changed" } });
  const { apiTokenId, fingerprint } = secret;
  expect(await open(name).describe()).toEqual({ apiTokenId, fingerprint, version: "1" });
  expect(await open(name, { token: await writerOf(name) }).describe()).toEqual({ apiTokenId });
  await bao.request("POST", `kv/data/${name}`, { data: { token: "theirs", other: "changed" } });
  expect(await open(name).describe()).toEqual({ apiTokenId });
});

test("tokens that share an entry do not take each other's writes and deletions for drift, without the right to read", async () => {
  const name = buildName();
  const token = await writerOf(name);
  const [one, two, three] = ["one", "two", "three"].map((key) => open(name, { key, token }));
  if (one === undefined || two === undefined || three === undefined) throw new Error("There are three.");
  const [first, second, third] = [buildSecret(), buildSecret(), buildSecret()];
  await put(one, first);
  await put(two, second);
  await put(three, third);
  for (let round = 0; round < 3; round += 1) await put(three, buildSecret(third.apiTokenId));
  expect(await three.delete(third.apiTokenId)).toBe("deleted");
  expect(await one.describe()).toMatchObject({ fingerprint: first.fingerprint, version: "1" });
  expect(await two.describe()).toMatchObject({ fingerprint: second.fingerprint, version: "2" });
  await bao.request("POST", `kv/data/${name}`, { data: { one: first.text, two: "theirs" } });
  expect(await two.describe()).toEqual({ apiTokenId: second.apiTokenId });
  await bao.request("DELETE", `kv/data/${name}`);
  await put(one, buildSecret(first.apiTokenId));
  expect(await two.describe()).toEqual({ apiTokenId: second.apiTokenId });
  expect(await one.delete(first.apiTokenId)).toBe("deleted");
  expect(await two.delete(second.apiTokenId)).toBe("deleted");
  await expect(bao.request("GET", `kv/metadata/${name}`)).rejects.toThrow("404");
});

test("20 tokens that are delivered into one entry at the same time all get their keys", async () => {
  const name = buildName();
  const secrets = Array.from({ length: 20 }, (_, index) => ({ key: `token-${index}`, secret: buildSecret() }));
  await Promise.all(secrets.map(({ key, secret }) => put(open(name, { key }), secret)));
  for (const { key, secret } of secrets) await expectHolds(open(name, { key }), secret);
}, 60_000);

test("a token whose turn to write was lost to another token leaves no claim that counts", async () => {
  const name = buildName();
  const [winner, loser] = [buildSecret(), buildSecret()];
  let isFirst = true;
  const send: typeof fetch = async (input, init) => {
    if (init?.method === "PATCH" && String(input).includes("/metadata/") && isFirst) {
      isFirst = false;
      await put(open(name), winner);
    }
    return fetch(input, init);
  };
  const error = await refusal(() => put(open(name, { fetch: send }), loser));
  expect(error.code).toBe("secret_store_conflict");
  await expectHolds(open(name), winner);
  expect((await open(name).delete(loser.apiTokenId)).toString()).toBe("not_ours");
});

test("an entry that was prepared with settings, in a mount that demands check-and-set, keeps them and stays", async () => {
  await bao.request("POST", "sys/mounts/strict", { type: "kv", options: { version: "2" } });
  await expect
    .poll(() => bao.request("POST", "strict/config", { cas_required: true }).then(() => "set", String))
    .toBe("set");
  const name = buildName();
  await bao.request("POST", `strict/metadata/${name}`, { max_versions: 3, custom_metadata: { team: "ci" } });
  const store = open(name, { mount: "strict" });
  const secret = buildSecret();
  const next = buildSecret(secret.apiTokenId);
  await put(store, secret);
  await put(store, next);
  await expectHolds(store, next);
  expect(await store.delete(secret.apiTokenId)).toBe("deleted");
  expect(await bao.request("GET", `strict/metadata/${name}`)).toMatchObject({
    data: { max_versions: 3, custom_metadata: { team: "ci" } },
  });
  expect(await store.describe()).toBeUndefined();
  expect(await store.read()).toBeUndefined();
});

test("a version that will end by itself holds until then; when that is over it is drift", async () => {
  const name = buildName();
  await bao.request("POST", `kv/metadata/${name}`, { delete_version_after: "5s" });
  const secret = buildSecret();
  const store = open(name);
  await put(store, secret);
  await expectHolds(store, secret);
  await expect
    .poll(() => store.describe(), { timeout: 20_000, interval: 250 })
    .toEqual({ apiTokenId: secret.apiTokenId });
}, 60_000);

test("an entry whose custom metadata is full is refused before anything is written", async () => {
  const name = buildName();
  const custom_metadata = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`name-${index}`, "x"]));
  await bao.request("POST", `kv/metadata/${name}`, { custom_metadata });
  const store = open(name);
  const error = await refusal(() => store.checkWritable());
  expect(error).toMatchObject({ code: "secret_store_invalid_argument", retryable: false });
  expect(error.message).toContain("at most 64 names");
  expect(await store.read()).toBeUndefined();
});

test("a version 1 engine is refused by name, whatever is asked, and nothing is written there", async () => {
  await bao.request("POST", "sys/mounts/old", { type: "kv", options: { version: "1" } });
  const name = buildName();
  const token = await bao.tokenWith(
    `path "old/*" { capabilities = ["create", "update", "patch", "read", "delete", "list"] }`,
  );
  const store = open(name, { mount: "old", token });
  for (const act of [() => store.checkWritable(), () => put(store, buildSecret())]) {
    const error = await refusal(act);
    expect(error).toMatchObject({ code: "secret_store_not_found", retryable: false });
    expect(error.message).toMatch(/engine at old is version 1[\s\S]*enable-versioning old/);
  }
  await expect(bao.request("LIST", "old/metadata")).rejects.toThrow("404");
  // A secret that lies at a path which version 2 would keep metadata at.
  await bao.request("POST", `old/metadata/${name}`, { current_version: "none", password: "hunter2" });
  const error = await refusal(() => store.describe());
  expect(error.message).toContain("version 1");
  expect(error.message).not.toContain("hunter2");
});

test("where Vault does not tell what is mounted, the engine's own configuration does, and without it nothing is written", async () => {
  const hidden: typeof fetch = async (input, init) => {
    if (!String(input).includes("/sys/internal/")) return fetch(input, init);
    return new Response('{"errors":["not through this gateway"]}', { status: 404 });
  };
  const name = buildName();
  await put(open(name, { fetch: hidden }), buildSecret());
  const fresh = buildName();
  const token = await writerOf(fresh);
  expect((await refusal(() => put(open(fresh, { fetch: hidden, token }), buildSecret()))).code).toBe(
    "secret_store_not_found",
  );
  await expect(bao.request("GET", `kv/metadata/${fresh}`)).rejects.toThrow("404");
});

test("namespaces are kept apart: the same path in two of them holds two secrets", async () => {
  await bao.request("POST", "sys/namespaces/team", {});
  await fetch(`${bao.address}/v1/sys/mounts/kv`, {
    method: "POST",
    headers: { "X-Vault-Token": bao.rootToken, "X-Vault-Namespace": "team" },
    body: JSON.stringify({ type: "kv", options: { version: "2" } }),
  });
  const name = buildName();
  const [inRoot, inTeam] = [buildSecret(), buildSecret()];
  const team = open(name, { namespace: "team" });
  await put(open(name), inRoot);
  await expect.poll(() => put(team, inTeam).then(() => "written", String), { timeout: 10_000 }).toBe("written");
  await expectHolds(open(name), inRoot);
  await expectHolds(team, inTeam);
  expect(await team.delete(inTeam.apiTokenId)).toBe("deleted");
  await expectHolds(open(name), inRoot);
});
