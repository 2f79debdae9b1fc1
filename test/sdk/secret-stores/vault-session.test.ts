import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { VaultSessions } from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildSecret, expectHolds, put, refusal } from "../../conformance/secret-stores.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { observe, startVaultBench, type VaultBench, vaultPolicy } from "../../support/vault-bench.ts";

let bench: VaultBench;

beforeAll(async () => {
  bench = await startVaultBench();
}, 330_000);

afterAll(() => bench.bao.close());

test("a token is read from a file, and is not revoked: it is somebody's", async () => {
  const token = await bench.bao.tokenWith(vaultPolicy);
  const tokenFile = join(await temporaryFolder(), ".vault-token");
  await writeFile(tokenFile, `${token}\n`);
  for (const access of [{ tokenFile }, { token }]) {
    const store = bench.open(access);
    await put(store, buildSecret());
    await store.close();
  }
  expect(await bench.open({ token }).describe()).toBeUndefined();
  const error = await refusal(() => bench.open({ tokenFile: `${tokenFile}-other` }).describe());
  expect(error.message).toMatch(/\.vault-token-other[\s\S]*ENOENT[\s\S]*VAULT_TOKEN/);
});

test("places that share sessions log in once, however many there are and whenever they are closed", async () => {
  const { roleId, secretId } = await bench.appRole({}, {});
  const sessions = new VaultSessions();
  const seen = observe();
  const access = { login: { method: "approle", roleId, secretId }, fetch: seen.fetch, sessions } as const;
  const work = Array.from({ length: 100 }, async () => {
    const store = bench.open(access);
    expect(await store.describe()).toBeUndefined();
    await store.close();
  });
  await Promise.all(work);
  await bench.open(access).describe();
  expect(seen.paths.filter((path) => path.endsWith("/login"))).toHaveLength(1);
  expect(seen.paths).not.toContain("auth/token/revoke-self");
  await sessions.close();
  await bench.expectRevoked(seen.tokens);
});

test("a lease is renewed while it is used; near the longest that a token may live, another one is got", async () => {
  const { roleId, secretId } = await bench.appRole({ token_ttl: "1h", token_max_ttl: "1h" });
  const seen = observe();
  let nowMs = 0;
  const login = { method: "approle", roleId, secretId } as const;
  const store = bench.open({ login, fetch: seen.fetch, now: () => nowMs });
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
  const batch = await bench.appRole({ token_type: "batch" });
  const batchStore = bench.open({
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
  const { roleId, secretId } = await bench.appRole({ token_num_uses: 5 });
  const seen = observe();
  const store = bench.open({ login: { method: "approle", roleId, secretId }, fetch: seen.fetch });
  const secret = buildSecret();
  await put(store, secret);
  await expectHolds(store, secret);
  expect(seen.paths.filter((path) => path.endsWith("/login")).length).toBeGreaterThan(1);
  await bench.bao.request("POST", "auth/token/revoke", { token: [...seen.tokens].at(-1) });
  await expectHolds(store, secret);
});

test("a right that is missing is no reason to log in again and again", async () => {
  await bench.bao.request("PUT", "sys/policies/acl/nothing", {
    policy: 'path "kv/metadata/none" { capabilities = ["read"] }',
  });
  for (const settings of [{}, { token_no_default_policy: true }]) {
    const { roleId, secretId } = await bench.appRole({ token_policies: ["nothing"], ...settings });
    const seen = observe();
    const store = bench.open({ login: { method: "approle", roleId, secretId }, fetch: seen.fetch });
    for (let round = 0; round < 5; round += 1) {
      expect((await refusal(() => store.describe())).code).toBe("secret_store_refused");
    }
    expect(seen.paths.filter((path) => path.endsWith("/login")).length).toBeLessThanOrEqual(2);
    await store.close();
  }
});

test("who gives up while a login is under way is let go, and others still get it", async () => {
  const { roleId, secretId } = await bench.appRole();
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
  const abandoned = bench.open(access).describe({ signal: impatient.signal });
  const patient = bench.open(access).describe();
  await reached.promise;
  impatient.abort(new Error("enough"));
  await expect(abandoned).rejects.toThrow("enough");
  released.resolve();
  expect(await patient).toBeUndefined();
  await sessions.close();
});
