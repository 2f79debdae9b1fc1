/** The official client over a real socket, to a double that follows the description by Google. long: one connection to one double. */
import { once } from "node:events";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { inspect } from "node:util";
import {
  type GoogleSecretStoreOptions,
  googleDestination,
  openGoogleSecretStore,
  parseGoogleDestination,
  type SecretStore,
} from "@orgtokens/sdk/secret-stores";
import { createFaultProxy, type FaultProxy } from "@orgtokens/sdk/secret-stores/conformance";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { googleEndpointOf } from "../../../sdk/src/secret-stores/google/google-access.ts";
import {
  buildName,
  buildSecret,
  describeSecretStore,
  expectHolds,
  put,
  refusal,
  type TestSecret,
} from "../../conformance/secret-stores.ts";
import { type GoogleDouble, startGoogleDouble } from "../../support/google-double.ts";
import { trust } from "../../support/trust.ts";

let google: GoogleDouble;
let proxy: FaultProxy;

beforeAll(async () => {
  // Whatever a test forgets to configure asks no metadata server, and no file of whoever runs it.
  vi.stubEnv("METADATA_SERVER_DETECTION", "none");
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent");
  google = await startGoogleDouble();
  proxy = createFaultProxy({ host: "127.0.0.1", port: Number(google.endpoint.split(":")[1]) });
  trust(google.certificatePem);
});

afterAll(async () => {
  await proxy.close();
  await google.close();
});

const project = "my-project";

function open(secret: string, options: Partial<GoogleSecretStoreOptions> = {}): SecretStore {
  const { endpoint, owner } = google;
  const store = openGoogleSecretStore({ project, secret, endpoint, credentials: owner.credentials, ...options });
  return store;
}

const nameOf = (secret: string) => `projects/${project}/secrets/${secret}`;

describeSecretStore("google_secret_manager", () => ({
  open,
  openDestination: (destination) => open("", parseGoogleDestination(destination)),
  foreignWrite: async (name, text) => google.secrets.addVersion(nameOf(name), text),
  foreignDelete: async (name) => google.secrets.setLatest(nameOf(name), "DESTROYED"),
  metadata: async (name) => JSON.stringify(google.secrets.message(nameOf(name))),
  cutShort: {
    "before the version": (name, secret) => cutShort(name, secret, (method) => method === "AddSecretVersion"),
    "after the version": async (name, secret) => {
      let isAdded = false;
      await cutShort(name, secret, (method) => {
        const isAfter = isAdded;
        isAdded ||= method === "AddSecretVersion";
        return isAfter;
      });
    },
  },
  lacking: {
    describe: (name) => openWithout(name, "secrets.get"),
    write: (name) => openWithout(name, "versions.add"),
    delete: (name) => openWithout(name, "secrets.delete"),
    read: (name) => openWithout(name, "versions.access"),
  },
  network: { proxy, open: (name, port) => open(name, { endpoint: `localhost:${port}` }) },
  credentials: () => [google.owner.privateKey, JSON.stringify(google.owner.privateKey).slice(1, -1)],
  refusedNames: ["", "a/b", "a.b", "..", "x".repeat(256)],
  names: "restricted",
}));

/** A writer that does not get further than a call. */
async function cutShort(name: string, secret: TestSecret, isEnd: (method: string) => boolean): Promise<void> {
  google.interfere((method) => (isEnd(method) ? 14 : undefined));
  try {
    expect((await refusal(() => put(open(name), secret))).code).toBe("secret_store_unreachable");
  } finally {
    google.interfere(undefined);
  }
}

const secretRights = ["create", "get", "update", "delete"].map((verb) => `secrets.${verb}`);
const versionRights = ["add", "get", "access"].map((verb) => `versions.${verb}`);

function openWithout(name: string, lacking: string): SecretStore {
  const permissions = [...secretRights, ...versionRights].filter((permission) => permission !== lacking);
  const { credentials } = google.accountWith(permissions.map((permission) => `secretmanager.${permission}`));
  return open(name, { credentials });
}

describe("a secret of Google Secret Manager", () => {
  test("that somebody prepared keeps its settings and annotations, and outlives our versions", async () => {
    const name = buildName();
    const settings = { labels: { team: "ci" }, annotations: { owner: "ada" }, replication: { automatic: {} } };
    google.secrets.create(nameOf(name), settings);
    const store = open(name);
    expect(await store.describe()).toBeUndefined();
    const secret = buildSecret();
    await put(store, secret);
    expect(google.secrets.message(nameOf(name))).toMatchObject({
      labels: { team: "ci" },
      annotations: { owner: "ada" },
    });
    expect(await store.delete(secret.apiTokenId)).toBe("deleted");
    expect(google.secrets.message(nameOf(name))).toMatchObject(settings);
    expect(google.secrets.states(nameOf(name))).toEqual(["DESTROYED"]);
    expect(await store.describe()).toBeUndefined();
  });

  test("is replicated and encrypted as the access says; one of a region has the region's endpoint and key", async () => {
    const name = buildName();
    const kmsKeyName = "projects/p/locations/{location}/keyRings/r/cryptoKeys/k";
    await put(open(name, { replicaLocations: ["europe-west1", "europe-west4"], kmsKeyName }), buildSecret());
    const keyOf = (location: string) => ({ kmsKeyName: kmsKeyName.replace("{location}", location) });
    expect(google.secrets.message(nameOf(name))?.replication).toEqual({
      userManaged: {
        replicas: ["europe-west1", "europe-west4"].map((location) => ({
          location,
          customerManagedEncryption: keyOf(location),
        })),
      },
    });
    const secret = buildSecret();
    const regional = open(name, { location: "europe-west1", kmsKeyName });
    await put(regional, secret);
    await expectHolds(open("", parseGoogleDestination(regional.destination)), secret);
    const message = google.secrets.message(`projects/${project}/locations/europe-west1/secrets/${name}`);
    expect(message?.customerManagedEncryption).toEqual(keyOf("europe-west1"));
  });

  test("loses versions that were replaced longer ago than the access says: first they are disabled, then destroyed", async () => {
    const name = buildName();
    const day = 24 * 3_600_000;
    const store = open(name, { destroyOldVersionsAfterMs: day });
    const { apiTokenId } = buildSecret();
    await put(store, buildSecret(apiTokenId));
    google.secrets.addVersion(nameOf(name), "somebody else's");
    await put(store, buildSecret(apiTokenId));
    await put(store, buildSecret(apiTokenId));
    expect(google.secrets.states(nameOf(name))).toEqual(["ENABLED", "ENABLED", "ENABLED", "ENABLED"]);
    google.secrets.age(nameOf(name), 2 * day);
    await put(store, buildSecret(apiTokenId));
    expect(google.secrets.states(nameOf(name))).toEqual(["DISABLED", "ENABLED", "DISABLED", "ENABLED", "ENABLED"]);
    await put(store, buildSecret(apiTokenId));
    expect(google.secrets.states(nameOf(name)).slice(0, 4)).toEqual(["DESTROYED", "ENABLED", "DESTROYED", "ENABLED"]);
    await put(open(name), buildSecret(apiTokenId));
    expect(google.secrets.states(nameOf(name)).slice(0, 4)).toEqual(["DESTROYED", "ENABLED", "DESTROYED", "ENABLED"]);
  });

  test("is not claimed by a write that loses to somebody else's, whatever the moment", async () => {
    for (const moment of ["UpdateSecret", "AddSecretVersion"]) {
      const name = buildName();
      const { apiTokenId } = buildSecret();
      await put(open(name), buildSecret(apiTokenId));
      google.interfere((method) => {
        if (method !== moment) return undefined;
        google.interfere(undefined);
        google.secrets.addVersion(nameOf(name), "theirs");
        return undefined;
      });
      const error = await refusal(() => put(open(name), buildSecret(apiTokenId)));
      expect(error, moment).toMatchObject({ code: "secret_store_conflict", retryable: true });
      expect(await open(name).describe()).toEqual({ apiTokenId });
    }
  });

  test("is written although a quota is used up for a moment; when it stays so, that is said", async () => {
    const name = buildName();
    let refusals = 2;
    google.interfere((method) => {
      if (method !== "AddSecretVersion" || refusals === 0) return undefined;
      refusals -= 1;
      return 8;
    });
    onTestFinished(() => google.interfere(undefined));
    const secret = buildSecret();
    await put(open(name), secret);
    await expectHolds(open(name), secret);
    expect(refusals).toBe(0);
    google.interfere(() => 8);
    const error = await refusal(() => open(name).describe());
    expect(error).toMatchObject({ code: "secret_store_unreachable", message: expect.stringContaining("quota") });
  });

  test("that somebody prepared loses every version of ours with the token, however many there are", async () => {
    const name = buildName();
    google.secrets.create(nameOf(name), { replication: { automatic: {} } });
    const store = open(name);
    const { apiTokenId } = buildSecret();
    for (let version = 1; version <= 60; version += 1) await put(store, buildSecret(apiTokenId));
    expect(await store.delete(apiTokenId)).toBe("deleted");
    expect(new Set(google.secrets.states(nameOf(name)))).toEqual(new Set(["DESTROYED"]));
  });
});

describe("Google's address", () => {
  test("that nothing answers at, that hangs up, or that is something else, is retryable", async () => {
    const hangsUp = await listen((socket) => socket.destroy());
    const garbage = await listen((socket) => socket.on("error", () => {}).end("HTTP/1.1 200 OK\r\n\r\nhunter2"));
    for (const endpoint of ["localhost:1", hangsUp, garbage]) {
      const error = await refusal(() => open("x", { endpoint }).describe());
      expect(error, endpoint).toMatchObject({ code: "secret_store_unreachable", retryable: true });
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("hunter2");
    }
  });

  test("that does not answer is given up when the caller gives up, with the caller's reason", async () => {
    const endpoint = await listen(() => {});
    const reason = new Error("enough");
    const controller = new AbortController();
    const store = open("x", { endpoint });
    const described = store.describe({ signal: controller.signal });
    controller.abort(reason);
    await expect(described).rejects.toBe(reason);
    await store.close();
  });

  test("is Google's own, or that of the secret's region; an explicit one wins", () => {
    expect(googleEndpointOf({}, undefined)).toEqual({});
    expect(googleEndpointOf({}, "europe-west1")).toEqual({
      apiEndpoint: "secretmanager.europe-west1.rep.googleapis.com",
    });
    expect(googleEndpointOf({ endpoint: "private:8443" }, "europe-west1")).toEqual({
      apiEndpoint: "private",
      port: 8443,
    });
  });

  test("must be a host, or a host with a port", async () => {
    for (const endpoint of ["https://localhost", "a b", "", "host:port"]) {
      expect((await refusal(() => open("x", { endpoint }))).code).toBe("secret_store_invalid_argument");
    }
  });
});

test("a destination leads back to its place; other URIs lead nowhere", () => {
  const places = [
    { project: "my-project", secret: "ci_token-1" },
    { project: "example.com:my-project", secret: "ci" },
    { project: "my-project", location: "europe-west1", secret: "ci" },
  ];
  for (const place of places) expect(parseGoogleDestination(googleDestination(place))).toEqual(place);
  for (const other of [
    "google-secret-manager://a",
    "google-secret-manager://a/b/c/d",
    "google-secret-manager://a/b#c",
    "vault://a/b#c",
  ]) {
    expect(parseGoogleDestination(other), other).toBeUndefined();
  }
});

/** Something else than Google. */
async function listen(greet: (socket: Socket) => unknown): Promise<string> {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => {
    sockets.push(socket);
    greet(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `localhost:${portOf(server.address())}`;
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
