/** The official client over real TLS, to a double that follows the description by Azure. long: one connection to one double. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import {
  type AzureSecretStoreOptions,
  azureDestination,
  openAzureSecretStore,
  openSecretStore,
  parseAzureDestination,
  type SecretStore,
} from "@orgtokens/sdk/secret-stores";
import { createFaultProxy, type FaultProxy } from "@orgtokens/sdk/secret-stores/conformance";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  buildName,
  buildSecret,
  describeSecretStore,
  expectHolds,
  put,
  refusal,
  type TestSecret,
} from "../../conformance/secret-stores.ts";
import { type AzureDouble, startAzureDouble } from "../../support/azure-double.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { trust } from "../../support/trust.ts";

// Each request of the client is a connection of its own through a proxy.
vi.setConfig({ testTimeout: 60_000 });

let azure: AzureDouble;
let faults: FaultProxy;

beforeAll(async () => {
  azure = await startAzureDouble();
  faults = createFaultProxy({ host: "127.0.0.1", port: Number(new URL(azure.proxy).port) });
  trust(azure.certificatePem);
  vi.stubEnv("HTTPS_PROXY", azure.proxy);
  // Whatever a test forgets to configure asks no metadata of a machine, and no tool of whoever runs it.
  vi.stubEnv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential");
});

afterAll(async () => {
  await faults.close();
  await azure.close();
});

function open(secret: string, options: Partial<AzureSecretStoreOptions> = {}): SecretStore {
  const { tenantId, clientId, clientSecret } = azure.owner;
  return openAzureSecretStore({ vault: "my-vault", secret, tenantId, clientId, clientSecret, ...options });
}

/** The role that the documentation shows, by the last parts of its data actions. */
const role = await readFile(
  new URL("../../../examples/terraform/stores/azure_key_vault/role.json", import.meta.url),
  "utf8",
);
const writer = [...role.matchAll(/"Microsoft\.KeyVault\/vaults\/secrets\/([^"]+)"/g)].map(([, action = ""]) => action);

/** Every data action but one. */
function withoutAction(lacking: string): readonly string[] {
  return [...writer, "getSecret/action"].filter((action) => action !== lacking);
}

/** Opens a place as an application that may do what its data actions say. */
function openAs(actions: readonly string[], secret: string): SecretStore {
  const { clientId, clientSecret } = azure.applicationWith(actions);
  return open(secret, { clientId, clientSecret });
}

describeSecretStore("azure_key_vault", () => ({
  open,
  openDestination: (destination) => open("", parseAzureDestination(destination)),
  foreignWrite: async (name, text) => void azure.vault.set(name, text),
  foreignDelete: async (name) => azure.vault.disable(name),
  metadata: async (name) => JSON.stringify(azure.vault.versions(name).map(({ value: _, ...version }) => version)),
  cutShort: {
    "after the version": async (name, secret) => {
      let isAdded = false;
      await cutShort(name, secret, (method) => {
        const isAfter = isAdded;
        isAdded ||= method === "PUT";
        return isAfter;
      });
    },
  },
  credentials: () => [azure.owner.clientSecret],
  refusedNames: ["", "a/b", "a.b", "..", "UPPER", "a_b", "x".repeat(128)],
  names: "restricted",
  overwrites: "blindly",
  network: { proxy: faults, open: openThrough },
  lacking: {
    describe: (name) => openAs(withoutAction("readMetadata/action"), name),
    write: (name) => openAs(withoutAction("setSecret/action"), name),
    delete: (name) => openAs(withoutAction("delete"), name),
    read: (name) => openAs(writer, name),
  },
}));

/** A place whose every call is made through a proxy at a port of its own. */
function openThrough(name: string, port: number): SecretStore {
  const store = open(name);
  const through = async <T>(run: () => Promise<T>): Promise<T> => {
    vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${port}`);
    try {
      return await run();
    } finally {
      vi.stubEnv("HTTPS_PROXY", azure.proxy);
    }
  };
  return {
    ...store,
    describe: (options) => through(() => store.describe(options)),
    write: (secret, owner, options) => through(() => store.write(secret, owner, options)),
    delete: (apiTokenId, options) => through(() => store.delete(apiTokenId, options)),
    read: (options) => through(() => store.read(options)),
    checkWritable: (options) => through(() => store.checkWritable(options)),
  };
}

/** A writer that does not get further than a call. */
async function cutShort(name: string, secret: TestSecret, isEnd: (method: string) => boolean): Promise<void> {
  azure.interfere((method) => (isEnd(method) ? 400 : undefined));
  try {
    expect((await refusal(() => put(open(name), secret))).code).toBe("secret_store_failed");
  } finally {
    azure.interfere(undefined);
  }
}

/** Who else keeps a version of ours, as it is. */
const others = { team: "ci" };

describe("a secret of Azure Key Vault", () => {
  test("works with the role that the documentation shows, and no more", async () => {
    const name = buildName();
    const store = openAs(writer, name);
    await store.checkWritable();
    const [first, second] = [buildSecret(), buildSecret()];
    await put(store, first);
    await store.checkWritable();
    expect(await store.describe()).toMatchObject({ fingerprint: first.fingerprint });
    expect(await store.delete(first.apiTokenId)).toBe("deleted");
    await store.checkWritable();
    await put(store, second);
    await expectHolds(open(name), second);
    expect(await refusal(() => store.read())).toMatchObject({
      code: "secret_store_refused",
      message: expect.stringContaining("Microsoft.KeyVault/vaults/secrets/getSecret/action"),
    });
  });

  test("names the data action that is missing, whichever it is, and the vault", async () => {
    for (const lacking of writer) {
      const name = buildName();
      const { apiTokenId } = buildSecret();
      if (lacking !== "setSecret/action") await put(open(name), buildSecret(apiTokenId));
      if (lacking === "recover/action") await open(name).delete(apiTokenId);
      const store = openAs(withoutAction(lacking), name);
      const act = () => (lacking === "delete" ? store.delete(apiTokenId) : put(store, buildSecret(apiTokenId)));
      const error = await refusal(act);
      expect(error, lacking).toMatchObject({ code: "secret_store_refused", retryable: false });
      expect(error.message).toContain(`Microsoft.KeyVault/vaults/secrets/${lacking}`);
      expect(error.message).toContain("my-vault.vault.azure.net");
    }
  });

  test("is described with the right to see metadata alone", async () => {
    const name = buildName();
    const secret = buildSecret();
    await put(open(name), secret);
    expect(await openAs(["readMetadata/action"], name).describe()).toMatchObject({ fingerprint: secret.fingerprint });
  });

  test("that was deleted by somebody else is recovered when it holds a secret of ours, with all of its versions", async () => {
    const name = buildName();
    const { apiTokenId } = buildSecret();
    await put(open(name), buildSecret(apiTokenId));
    azure.vault.delete(name);
    expect(await open(name).describe()).toBeUndefined();
    await open(name).checkWritable();
    const next = buildSecret(apiTokenId);
    await put(open(name), next, { expecting: "absent" });
    await expectHolds(open(name), next);
    expect(azure.vault.versions(name)).toHaveLength(2);
  });

  test("that was deleted with something else in it stays deleted, and it is said before anything is created", async () => {
    const name = buildName();
    azure.vault.set(name, "somebody else's");
    azure.vault.delete(name);
    for (const store of [open(name), openAs(writer, name)]) {
      for (const act of [() => store.checkWritable(), () => put(store, buildSecret())]) {
        const error = await refusal(act);
        expect(error).toMatchObject({ code: "secret_store_occupied", message: expect.stringContaining("purge") });
      }
    }
    expect(azure.vault.versions(name)).toEqual([]);
    azure.vault.purge(name);
    const secret = buildSecret();
    await put(open(name), secret);
    await expectHolds(open(name), secret);
  });

  test("has the token's expiry as its expiry date, and keeps others' tags and the content type", async () => {
    const name = buildName();
    const { text, ...owner } = buildSecret();
    await open(name).write(text, { ...owner, expiresAt: "2027-01-31T12:00:00Z" });
    expect(azure.vault.versions(name).at(-1)).toMatchObject({
      expires: Date.parse("2027-01-31T12:00:00Z") / 1000,
      contentType: "text/plain",
    });
    const tags = { ...azure.vault.versions(name).at(-1)?.tags, ...others };
    azure.vault.set(name, "theirs", { tags, contentType: "application/token", createdAtMs: Date.now() + 2000 });
    await put(open(name), buildSecret(owner.apiTokenId));
    const newest = azure.vault.versions(name).at(-1);
    expect(newest).toMatchObject({ tags: others, contentType: "application/token", expires: undefined });
    expect(newest?.tags).not.toHaveProperty("orgtokens_expires_at");
  });

  test("with so many tags that ours do not fit is left as it is", async () => {
    const name = buildName();
    const { apiTokenId } = buildSecret();
    await put(open(name), buildSecret(apiTokenId));
    const many = Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`tag-${index}`, "x"]));
    azure.vault.set(name, "theirs", { tags: many, createdAtMs: Date.now() + 2000 });
    const error = await refusal(() => put(open(name), buildSecret(apiTokenId)));
    expect(error).toMatchObject({ code: "secret_store_invalid_argument", message: expect.stringContaining("tags") });
    expect(azure.vault.text(name)).toBe("theirs");
  });

  test("is drifted when somebody adds a version with a copy of our tags, at once or later", async () => {
    for (const laterMs of [0, 5000]) {
      const name = buildName();
      const secret = buildSecret();
      await put(open(name), secret);
      const { tags } = azure.vault.versions(name).at(-1) ?? {};
      azure.vault.set(name, "theirs", { tags: tags ?? {}, createdAtMs: Date.now() + laterMs });
      expect(await open(name).describe(), `${laterMs}`).toEqual({ apiTokenId: secret.apiTokenId });
    }
  });

  test("is known among more versions than Azure lists at once, also of one second", async () => {
    const name = buildName();
    const { apiTokenId } = buildSecret();
    await put(open(name), buildSecret(apiTokenId));
    const { tags = {}, createdAtMs } = azure.vault.versions(name).at(-1) ?? {};
    for (let count = 2; count <= 60; count += 1) {
      azure.vault.set(name, "old", {
        tags: { ...tags, orgtokens_sequence: `${count}` },
        createdAtMs: createdAtMs ?? 0,
      });
    }
    const secret = buildSecret(apiTokenId);
    await put(open(name), secret);
    await expectHolds(open(name), secret);
    expect(azure.vault.versions(name)).toHaveLength(61);
  });

  test("loses versions of ours that were replaced longer ago than the access says: they are disabled", async () => {
    const name = buildName();
    const dayMs = 24 * 3_600_000;
    const store = open(name, { disableOldVersionsAfterMs: dayMs });
    const { apiTokenId } = buildSecret();
    const enabled = () => azure.vault.versions(name).map((version) => version.enabled);
    await put(store, buildSecret(apiTokenId));
    azure.vault.age(name, 3000);
    azure.vault.set(name, "theirs", { createdAtMs: Date.now() - 2000 });
    await put(store, buildSecret(apiTokenId));
    expect(enabled()).toEqual([true, true, true]);
    azure.vault.age(name, 2 * dayMs);
    await put(store, buildSecret(apiTokenId));
    expect(enabled()).toEqual([false, true, true, true]);
    await put(store, buildSecret(apiTokenId));
    expect(enabled()).toEqual([false, true, true, true, true]);
    const error = await refusal(() => {
      azure.vault.age(name, 2 * dayMs);
      const { clientId, clientSecret } = azure.applicationWith(writer);
      return put(open(name, { clientId, clientSecret, disableOldVersionsAfterMs: dayMs }), buildSecret(apiTokenId));
    });
    expect(error.message).toContain("update/action");
  });

  test("is not said to be written when somebody else's version comes at the same moment", async () => {
    for (const owner of [undefined, buildSecret().apiTokenId]) {
      const name = buildName();
      const { apiTokenId } = buildSecret();
      await put(open(name), buildSecret(apiTokenId));
      azure.interfere((method) => {
        if (method !== "PUT") return undefined;
        azure.interfere(undefined);
        azure.vault.set(name, "theirs", owner === undefined ? {} : { tags: { orgtokens_api_token_id: owner } });
        return undefined;
      });
      const error = await refusal(() => put(open(name), buildSecret(apiTokenId)));
      expect(error).toMatchObject({ code: "secret_store_conflict", retryable: true });
      const next = buildSecret(apiTokenId);
      azure.vault.age(name, 5000);
      await put(open(name), next, owner === undefined ? {} : { replacing: owner });
      await expectHolds(open(name), next);
    }
  });
});

describe("Azure's credentials", () => {
  test("can be a secret, a certificate, or a token of another issuer", async () => {
    const folder = await temporaryFolder();
    const [clientCertificatePath, federatedTokenFile] = [join(folder, "application.pem"), join(folder, "token")];
    const { tenantId, clientId, clientSecret, certificate, federatedToken } = azure.owner;
    await Promise.all([writeFile(clientCertificatePath, certificate), writeFile(federatedTokenFile, federatedToken)]);
    for (const way of [{ clientSecret }, { clientCertificatePath }, { federatedTokenFile }]) {
      const secret = buildSecret();
      const store = openAzureSecretStore({ vault: "my-vault", secret: buildName(), tenantId, clientId, ...way });
      await put(store, secret);
      await expectHolds(store, secret);
    }
  });

  test("come from the environment when none are given, also those of Azure's own Terraform provider, and given ones win", async () => {
    const { tenantId, clientId, clientSecret } = azure.owner;
    const reader = azure.applicationWith(["readMetadata/action"]);
    const name = buildName();
    const azureKeyVault = { vault: "my-vault", secret: name };
    const ofReader = {
      ARM_TENANT_ID: tenantId,
      ARM_CLIENT_ID: reader.clientId,
      ARM_CLIENT_SECRET: reader.clientSecret,
    };
    const asReader = openSecretStore({ azureKeyVault }, { environment: ofReader });
    expect((await refusal(() => put(asReader, buildSecret()))).message).toContain("setSecret/action");
    const secret = buildSecret();
    const given = { tenantId, clientId, clientSecret };
    await put(openSecretStore({ azureKeyVault }, { azureKeyVault: given, environment: ofReader }), secret);
    expect(await asReader.describe()).toMatchObject({ fingerprint: secret.fingerprint });
    for (const [variable, value] of Object.entries(await azure.environment())) vi.stubEnv(variable, value);
    onTestFinished(() => {
      for (const variable of ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"]) vi.stubEnv(variable, "");
    });
    expect(await openAzureSecretStore(azureKeyVault).read()).toBe(secret.text);
    const next = buildSecret(secret.apiTokenId);
    expect((await refusal(() => put(asReader, next))).message).toContain("setSecret/action");
  });

  test("can be the managed identity of the machine, its own or one that is assigned by a user", async () => {
    vi.stubEnv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential");
    onTestFinished(() => void vi.stubEnv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential"));
    const { clientId } = azure.owner;
    for (const identity of [{}, { clientId }]) {
      const secret = buildSecret();
      const store = openAzureSecretStore({ vault: "my-vault", secret: buildName(), ...identity });
      await put(store, secret);
      await expectHolds(store, secret);
    }
  });

  test("that are missing or wrong are refused, and never quoted", async () => {
    const { tenantId, clientId, clientSecret } = azure.owner;
    const place = { vault: "my-vault", secret: "x" };
    const none = await refusal(() => openAzureSecretStore(place).describe());
    expect(none).toMatchObject({ code: "secret_store_refused", message: expect.stringContaining("az login") });
    const folder = await temporaryFolder();
    await writeFile(join(folder, "hunter2.pem"), "hunter2");
    for (const wrong of [
      { clientSecret: "hunter2" },
      { clientCertificatePath: join(folder, "hunter2.pem") },
      { clientCertificatePath: "/nonexistent/hunter2.pem" },
      { federatedTokenFile: "/nonexistent/hunter2" },
    ]) {
      const error = await refusal(() => openAzureSecretStore({ ...place, tenantId, clientId, ...wrong }).describe());
      expect(error, JSON.stringify(wrong)).toMatchObject({ code: "secret_store_refused", retryable: false });
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("hunter2");
    }
    for (const odd of [
      { tenantId, clientSecret },
      { clientId, clientSecret },
      { tenantId, clientId, clientSecret, federatedTokenFile: "/x" },
      { tenantId: "a/b", clientId, clientSecret },
      { authorityHost: "http://login.microsoftonline.com" },
      { authorityHost: "https://login.microsoftonline.com/tenant" },
    ]) {
      const error = await refusal(() => openAzureSecretStore({ ...place, ...odd }));
      expect(error.code, JSON.stringify(odd)).toBe("secret_store_invalid_argument");
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(clientSecret);
    }
  });

  test("go to Entra ID of the vault's own cloud", async () => {
    azure.asked.clear();
    const secret = buildSecret();
    const store = open(buildName(), { vault: "my-vault.vault.azure.cn" });
    await put(store, secret);
    await expectHolds(store, secret);
    expect([...azure.asked].filter((host) => host.startsWith("login.")).join()).toMatch(/^login\.[a-z.]+\.cn$/);
    expect(store.destination).toMatch(/^azure-key-vault:\/\/my-vault\.vault\.azure\.cn\/place-/);
  });

  test("are not shown to a vault that asks for a token of another domain", async () => {
    azure.challengeFor("https://vault.example");
    onTestFinished(() => azure.challengeFor(undefined));
    azure.asked.clear();
    const error = await refusal(() => open("x").describe());
    expect(error).toMatchObject({ code: "secret_store_refused", retryable: false });
    expect([...azure.asked]).toEqual(["my-vault.vault.azure.net"]);
  });
});

describe("Azure's address", () => {
  test("that hangs up, is busy, or is something else, is retryable, and nothing it says is passed on", async () => {
    for (const how of ["cut", "garbage", 429, 503] as const) {
      azure.interfere(() => how);
      onTestFinished(() => azure.interfere(undefined));
      const secret = buildSecret();
      const error = await refusal(() => put(open("x"), secret));
      expect(error, `${how}`).toMatchObject({ code: "secret_store_unreachable", retryable: true });
      const text = inspect(error, { showHidden: true, depth: 9 });
      for (const hidden of ["hunter2", secret.text, azure.owner.clientSecret]) expect(text).not.toContain(hidden);
    }
  });

  test("that fails in the middle of a write shows nothing of the secret", async () => {
    for (const how of ["cut", "garbage", 400, 403, 409, 500] as const) {
      azure.interfere((method) => (method === "PUT" ? how : undefined));
      onTestFinished(() => azure.interfere(undefined));
      const secret = buildSecret();
      const error = await refusal(() => put(open(buildName()), secret));
      const text = inspect(error, { showHidden: true, depth: 9 });
      for (const hidden of ["hunter2", secret.text, azure.owner.clientSecret]) expect(text).not.toContain(hidden);
    }
  });

  test("that fails although it has done what it was asked leaves a secret that is known, and no riddle", async () => {
    for (const lost of ["PUT", "DELETE"]) {
      let isLost = false;
      azure.interfere((method) => {
        if (isLost || method !== lost) return undefined;
        isLost = true;
        return "lost";
      });
      onTestFinished(() => azure.interfere(undefined));
      const store = open(buildName());
      const secret = buildSecret();
      await put(store, secret, { expecting: "absent" });
      await expectHolds(store, secret);
      expect(["deleted", "absent"]).toContain(await store.delete(secret.apiTokenId));
      expect(await store.describe()).toBeUndefined();
      expect(isLost).toBe(true);
    }
  });

  test("that fails for a moment is tried again", async () => {
    let failures = 0;
    azure.interfere(() => {
      failures += 1;
      return failures > 1 ? undefined : 503;
    });
    onTestFinished(() => azure.interfere(undefined));
    const secret = buildSecret();
    const store = open(buildName());
    await put(store, secret);
    await expectHolds(store, secret);
  });

  test("that does not answer is given up when the caller gives up, with the caller's reason", async () => {
    azure.interfere(() => "silence");
    onTestFinished(() => azure.interfere(undefined));
    const reason = new Error("enough");
    const controller = new AbortController();
    const store = open("x");
    const described = store.describe({ signal: controller.signal });
    controller.abort(reason);
    await expect(described).rejects.toBe(reason);
    await store.close();
  });

  test("that does not exist, or that nothing leads to, is retryable", async () => {
    expect((await refusal(() => open("x", { vault: "no-vault" }).describe())).code).toBe("secret_store_unreachable");
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:9");
    onTestFinished(() => void vi.stubEnv("HTTPS_PROXY", azure.proxy));
    expect((await refusal(() => open("x").describe())).code).toBe("secret_store_unreachable");
  });
});

test("a destination leads back to its place; other URIs lead nowhere", () => {
  const places = [
    { vault: "my-vault", secret: "ci-token-1" },
    { vault: "my-vault.vault.usgovcloudapi.net", secret: "ci" },
  ];
  for (const place of places) expect(parseAzureDestination(azureDestination(place))).toEqual(place);
  for (const vault of ["metadata.google.internal", "my-vault.example.com", "my-vault.vault.azure.net.example.com"])
    expect(() => openAzureSecretStore({ vault, secret: "ci" })).toThrow("none that Azure Key Vault can have");
  const full = azureDestination({ vault: "my-vault.vault.azure.net", secret: "ci" });
  expect(full).toBe("azure-key-vault://my-vault/ci");
  expect(parseAzureDestination("azure-key-vault://my-vault.vault.azure.net/ci")).toEqual(parseAzureDestination(full));
  for (const other of [
    "azure-key-vault://a",
    "azure-key-vault://my-vault/a/b",
    "azure-key-vault://my-vault/a#b",
    "azure-key-vault://my-vault/CI",
    "vault://a/b#c",
  ]) {
    expect(parseAzureDestination(other), other).toBeUndefined();
  }
});
