// long: one OpenBao, which takes seconds to start, for all that a place in Vault is and for the way there.
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { inspect } from "node:util";
import {
  openVaultSecretStore,
  parseVaultDestination,
  type SecretStore,
  type VaultSecretStoreOptions,
  vaultDestination,
} from "@orgtokens/sdk/secret-stores";
import { createFaultProxy, type FaultProxy } from "@orgtokens/sdk/secret-stores/conformance";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  buildName,
  buildSecret,
  describeSecretStore,
  expectHolds,
  put,
  refusal,
  type TestSecret,
} from "../../conformance/secret-stores.ts";
import { type OpenBao, startOpenBao } from "../../support/openbao.ts";

let bao: OpenBao;
let proxy: FaultProxy;

beforeAll(async () => {
  bao = await startOpenBao();
  proxy = createFaultProxy({ host: "127.0.0.1", port: Number(new URL(bao.address).port) });
}, 330_000);

afterAll(async () => {
  await proxy.close();
  await bao.close();
});

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

const encode = (path: string) => path.split("/").map(encodeURIComponent).join("/");

describeSecretStore("vault", () => ({
  open,
  openDestination: (destination) => open("", parseVaultDestination(destination)),
  async foreignWrite(name, text) {
    await bao.request("POST", `kv/data/${encode(name)}`, { data: { token: text } });
  },
  async foreignDelete(name) {
    await bao.request("DELETE", `kv/data/${encode(name)}`);
  },
  metadata: async (name) => JSON.stringify(await bao.request("GET", `kv/metadata/${encode(name)}`)),
  cutShort: {
    "before the secret": (name, secret) => cutShort(name, secret, (path) => path.includes("/data/")),
    "after the secret": async (name, secret) => {
      let isWritten = false;
      await cutShort(name, secret, (path) => {
        const isAfter = isWritten;
        isWritten ||= path.includes("/data/");
        return isAfter;
      });
    },
  },
  lacking: {
    describe: (name) => openWith(name, { metadata: ["create", "update", "patch", "delete"] }),
    write: (name) => openWith(name, { data: ["read"] }),
    delete: (name) => openWith(name, { metadata: ["create", "update", "patch", "read"] }),
    read: (name) => openWith(name, {}),
  },
  network: { proxy, open: (name, port) => open(name, { address: `http://127.0.0.1:${port}` }) },
  credentials: () => [bao.rootToken],
  refusedNames: ["", "a//b", "/a", "a/", "..", "a/../b", "./a"],
}));

type Capabilities = Partial<Readonly<Record<"data" | "metadata", readonly string[]>>>;

/** With every right but to read the secret, unless others are named. */
async function openWith(name: string, capabilities: Capabilities): Promise<SecretStore> {
  const { data = ["create", "update", "patch"], metadata = ["create", "update", "patch", "read", "delete"] } =
    capabilities;
  const policy = `
    path "kv/data/${name}" { capabilities = ${JSON.stringify(data)} }
    path "kv/subkeys/${name}" { capabilities = ["read"] }
    path "kv/metadata/${name}" { capabilities = ${JSON.stringify(metadata)} }`;
  return open(name, { token: await bao.tokenWith(policy) });
}

/** A writer whose process ends before a request that changes something. */
async function cutShort(name: string, secret: TestSecret, isEnd: (path: string) => boolean): Promise<void> {
  const send: typeof fetch = async (input, init) => {
    const isChange = init?.method !== "GET" && !String(input).includes("/sys/");
    if (isChange && isEnd(String(input))) throw new TypeError("cut short");
    return fetch(input, init);
  };
  expect((await refusal(() => put(open(name, { fetch: send }), secret))).code).toBe("secret_store_unreachable");
}

/** Something else than Vault at the address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const at = server.address();
  return `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`;
}

describe("a place in Vault", () => {
  test("works with a token that has the policy the documentation names, and no more", async () => {
    const name = buildName();
    const token = await bao.tokenWith(`
      path "kv/data/${name}" { capabilities = ["create", "update", "patch"] }
      path "kv/subkeys/${name}" { capabilities = ["read"] }
      path "kv/metadata/${name}" { capabilities = ["create", "update", "patch", "read", "delete"] }`);
    const store = open(name, { token });
    await store.checkWritable();
    const secret = buildSecret();
    await put(store, secret);
    await expectHolds(open(name), secret);
    expect((await store.describe())?.fingerprint).toBe(secret.fingerprint);
    expect((await refusal(() => store.read())).code).toBe("secret_store_refused");
    expect(await store.delete(secret.apiTokenId)).toBe("deleted");
  });

  test("says before anything is created which capability its token lacks, as a policy grants it", async () => {
    const name = buildName();
    const data = `path "kv/data/${name}" { capabilities = ["create", "update", "patch"] }`;
    const metadata = `path "kv/metadata/${name}" { capabilities = ["create", "update", "patch", "read"] }`;
    const subkeys = `path "kv/subkeys/${name}" { capabilities = ["read"] }`;
    const lacking = {
      [data]: `${metadata} ${subkeys}`,
      [subkeys]: `${data} ${metadata}`,
      [metadata]: `${data} ${subkeys} path "kv/metadata/${name}" { capabilities = ["read"] }`,
      [`path "kv/metadata/${name}" { capabilities = ["read"] }`]: data,
    };
    for (const [missing, policy] of Object.entries(lacking)) {
      const error = await refusal(async () => open(name, { token: await bao.tokenWith(policy) }).checkWritable());
      expect(error).toMatchObject({ code: "secret_store_refused", retryable: false });
      expect(error.message).toContain(missing);
    }
    const unknown = await refusal(() => open(name, { token: "s.unknown" }).checkWritable());
    expect(["secret_store_refused", "secret_store_not_found"]).toContain(unknown.code);
    expect(await open(name).describe()).toBeUndefined();
  });

  test("says before anything is created that the mount is missing, or is no KV version 2 engine", async () => {
    await bao.request("POST", "sys/mounts/kv1", { type: "kv", options: { version: "1" } });
    for (const mount of ["nowhere", "kv1", "cubbyhole"]) {
      const error = await refusal(() => open(buildName(), { mount }).checkWritable());
      expect(error, mount).toMatchObject({ code: "secret_store_not_found", retryable: false });
      expect(error.message).toContain(mount);
    }
  });

  test("can lie in a mount with slashes, and its destination leads back there", async () => {
    await bao.request("POST", "sys/mounts/teams/ci", { type: "kv", options: { version: "2" } });
    const store = open("app", { mount: "teams/ci" });
    const secret = buildSecret();
    await expect.poll(() => store.checkWritable().then(() => "writable", String), { timeout: 10_000 }).toBe("writable");
    await expect.poll(() => put(store, secret).then(() => "written", String), { timeout: 10_000 }).toBe("written");
    expect(store.destination).toBe("vault://teams%2Fci/app#token");
    await expectHolds(open("", parseVaultDestination(store.destination)), secret);
  });

  test("keeps the secret at its key, whatever its name is, and another key is another place", async () => {
    const name = buildName();
    const store = open(name, { key: "Schlüssel 鍵" });
    const secret = buildSecret();
    await put(store, secret);
    await expectHolds(open("", parseVaultDestination(store.destination)), secret);
    expect(await open(name).describe()).toBeUndefined();
    expect(await open(name).read()).toBeUndefined();
  });

  test("keeps custom metadata that others put beside ours, and prepared settings of an empty entry", async () => {
    const name = buildName();
    await bao.request("POST", `kv/metadata/${name}`, { custom_metadata: { owner: "ada" }, max_versions: 7 });
    const store = open(name);
    expect(await store.describe()).toBeUndefined();
    await put(store, buildSecret());
    const answer = await bao.request("GET", `kv/metadata/${name}`);
    expect(answer).toMatchObject({ data: { custom_metadata: { owner: "ada" }, max_versions: 7 } });
  });

  test("drifted when its current version was deleted or destroyed, or went back to an older one", async () => {
    const changes = ["delete", "destroy"] as const;
    for (const change of changes) {
      const name = buildName();
      const secret = buildSecret();
      await put(open(name), secret);
      await bao.request("POST", `kv/${change}/${name}`, { versions: [1] });
      expect(await open(name).describe(), change).toEqual({ apiTokenId: secret.apiTokenId });
      const next = buildSecret(secret.apiTokenId);
      expect(await put(open(name), next)).toMatchObject({ version: "2" });
      await expectHolds(open(name), next);
    }
  });

  test("is not claimed by a write that loses to somebody else's, whatever the moment", async () => {
    for (const moment of ["/metadata/", "/data/"]) {
      const name = buildName();
      const secret = buildSecret();
      const send: typeof fetch = async (input, init) => {
        if (init?.method !== "GET" && String(input).includes(moment)) {
          await bao.request("POST", `kv/data/${name}`, { data: { token: "theirs" } });
        }
        return fetch(input, init);
      };
      const error = await refusal(() => put(open(name, { fetch: send }), secret));
      expect(error).toMatchObject({ code: "secret_store_conflict", retryable: true });
      expect(await open(name).read()).toBe("theirs");
      expect((await open(name).describe())?.fingerprint).toBeUndefined();
    }
  });
});

describe("Vault's address", () => {
  test("that nothing answers at, or that cannot answer now, is retryable", async () => {
    const sealed = await serve((_request, response) => response.writeHead(503).end('{"errors":["Vault is sealed"]}'));
    const cutOff = await serve((_request, response) => {
      response.writeHead(200, { "content-length": 100 }).write('{"data"');
      response.destroy();
    });
    for (const address of ["http://127.0.0.1:1", sealed, cutOff]) {
      for (const act of [
        (store: SecretStore) => store.checkWritable(),
        (store: SecretStore) => put(store, buildSecret()),
      ]) {
        const error = await refusal(() => act(open("x", { address })));
        expect(error).toMatchObject({ code: "secret_store_unreachable", retryable: true });
        expect(error.message).toContain(address);
        expect(inspect(error)).not.toContain(bao.rootToken);
      }
    }
  });

  test("that redirects is refused, and its target never sees the token", async () => {
    const seen: unknown[] = [];
    const target = await serve((request, response) => {
      seen.push(request.headers);
      response.end("{}");
    });
    const address = await serve((request, response) => {
      response.writeHead(307, { location: `${target}${request.url}` }).end();
    });
    const error = await refusal(() => put(open("x", { address }), buildSecret()));
    expect(error.code).toBe("secret_store_unreachable");
    expect(seen).toEqual([]);
  });

  test("at which something else answers, with whatever text, gives an error that quotes nothing of it", async () => {
    const { text } = buildSecret();
    for (const answer of [`${text}`, `{"data":{"data":{"token":"${text}"`, `"${text}`]) {
      const address = await serve((_request, response) => response.end(answer));
      const error = await refusal(() => open("x", { address }).read());
      expect(error.code).toBe("secret_store_failed");
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(text.slice(0, 8));
    }
  });

  test("whose answer never ends is not read on", async () => {
    const address = await serve((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    });
    expect((await refusal(() => open("x", { address }).read())).code).toBe("secret_store_unreachable");
  });

  test("gets the namespace, the token and the marker against forged requests with each request", async () => {
    const seen: unknown[] = [];
    const address = await serve((request, response) => {
      seen.push(request.headers);
      response.writeHead(404).end('{"errors":[]}');
    });
    await open("x", { address: `${address}/`, namespace: "team/ci", token: "t" }).read();
    expect(seen).toEqual([
      expect.objectContaining({ "x-vault-namespace": "team/ci", "x-vault-token": "t", "x-vault-request": "true" }),
    ]);
  });

  test("must be an http or https URL, and the token printable; neither is quoted", async () => {
    for (const wrong of [
      { address: "vault:8200" },
      { address: "" },
      { token: "" },
      { token: "two words" },
      { key: "" },
    ]) {
      const error = await refusal(() => open("x", wrong));
      expect(error.code).toBe("secret_store_invalid_argument");
      expect(inspect(error)).not.toContain("two words");
    }
  });
});

test("a destination leads back to its place; other URIs lead nowhere", () => {
  const place = { mount: "a/b", path: "c d/%/ü", key: "k#y" };
  expect(parseVaultDestination(vaultDestination(place))).toEqual(place);
  for (const other of [
    "vault://kv",
    "vault://kv/a",
    "vault://kv/a#",
    "vault:///a#b",
    "file:///a#b",
    "vault://kv/%zz#b",
  ]) {
    expect(parseVaultDestination(other), other).toBeUndefined();
  }
});
