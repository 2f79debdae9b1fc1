/** The official client over a real socket, to a double that follows the description by Google. long: one connection to one double. */
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import {
  type GoogleSecretStoreOptions,
  googleDestination,
  openGoogleSecretStore,
  parseGoogleDestination,
  type SecretStore,
} from "@orgtokens/sdk/secret-stores";
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
import { type GoogleDouble, startGoogleDouble } from "../../support/google-double.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { trust } from "../../support/trust.ts";

let google: GoogleDouble;

beforeAll(async () => {
  // Whatever a test forgets to configure asks no metadata server, and no file of whoever runs it.
  vi.stubEnv("METADATA_SERVER_DETECTION", "none");
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent");
  google = await startGoogleDouble();
  trust(google.certificatePem);
});

afterAll(() => google.close());

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

/** The role that the documentation shows. */
const role = await readFile(
  new URL("../../../examples/terraform/stores/google_secret_manager/role.yaml", import.meta.url),
  "utf8",
);
const writer = [...role.matchAll(/- secretmanager\.(\S+)/g)].map(([, permission = ""]) => permission);
const permissionsOf = (names: readonly string[]) => names.map((name) => `secretmanager.${name}`);

describe("a secret of Google Secret Manager", () => {
  test("works with the role that the documentation shows, and no more", async () => {
    const name = buildName();
    const { credentials } = google.accountWith(permissionsOf(writer));
    const store = open(name, { credentials });
    await store.checkWritable();
    const secret = buildSecret();
    await put(store, secret);
    await store.checkWritable();
    await expectHolds(open(name), secret);
    expect((await store.describe())?.fingerprint).toBe(secret.fingerprint);
    expect(await refusal(() => store.read())).toMatchObject({
      code: "secret_store_refused",
      message: expect.stringContaining("secretmanager.versions.access"),
    });
    expect(await store.delete(secret.apiTokenId)).toBe("deleted");
  });

  test("names the permission that is missing, whichever it is, and the resource", async () => {
    for (const lacking of writer) {
      const name = buildName();
      const before = buildSecret();
      if (lacking !== "secrets.create") await put(open(name), before);
      const { credentials } = google.accountWith(permissionsOf(writer.filter((one) => one !== lacking)));
      const store = open(name, { credentials });
      const act = () =>
        lacking === "secrets.delete" ? store.delete(before.apiTokenId) : put(store, buildSecret(before.apiTokenId));
      const error = await refusal(act);
      expect(error, lacking).toMatchObject({ code: "secret_store_refused", retryable: false });
      expect(error.message).toContain(`secretmanager.${lacking}`);
      expect(error.message).toContain(`projects/${project}`);
    }
  });

  test("says before anything is created that its credentials may not write", async () => {
    const name = buildName();
    await put(open(name), buildSecret());
    const { credentials } = google.accountWith(permissionsOf(["secrets.get", "versions.get", "versions.add"]));
    const error = await refusal(() => open(name, { credentials }).checkWritable());
    expect(error.code).toBe("secret_store_refused");
    expect(error.message).toMatch(/need on projects\/my-project\/secrets\/\S+: secretmanager\.secrets\.update\.$/);
  });

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

  test("takes 50 writes of one token at once: one wins or none, and what it says is so", async () => {
    const name = buildName();
    const { apiTokenId } = buildSecret();
    const secrets = Array.from({ length: 50 }, () => buildSecret(apiTokenId));
    const written = await Promise.allSettled(secrets.map((secret) => put(open(name), secret)));
    for (const outcome of written) {
      if (outcome.status === "rejected") expect(outcome.reason.code).toBe("secret_store_conflict");
    }
    const entry = await open(name).describe();
    const text = await open(name).read();
    const found = secrets.find((secret) => secret.text === text);
    expect([found?.fingerprint, undefined]).toContain(entry?.fingerprint);
    expect(entry?.apiTokenId).toBe(apiTokenId);
  });
});

describe("Google's credentials", () => {
  test("can be those of a workload: its own token is exchanged for one of Google's", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "token"), "token of the workload");
    const asked: string[] = [];
    const address = await serve((request, response) => {
      request.on("data", (data) => asked.push(String(data)));
      request.on("end", () => {
        const answer = { access_token: "exchanged", token_type: "Bearer", expires_in: 3600, issued_token_type: "x" };
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
      });
    });
    google.accept("exchanged", google.owner);
    const credentials = JSON.stringify({
      type: "external_account",
      audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: `${address}/v1/token`,
      credential_source: { file: join(folder, "token") },
    });
    const name = buildName();
    const secret = buildSecret();
    await put(open(name, { credentials }), secret);
    await expectHolds(open(name), secret);
    expect(decodeURIComponent(asked.join("").replaceAll("+", " "))).toContain("token of the workload");
  });

  test("come from the environment when none are given, and given ones win", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "credentials.json");
    const reader = google.accountWith(permissionsOf(["secrets.get", "versions.get"]));
    await writeFile(path, reader.credentials);
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", path);
    onTestFinished(() => void vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent"));
    const { endpoint } = google;
    const name = buildName();
    const store = openGoogleSecretStore({ project, secret: name, endpoint });
    expect((await refusal(() => put(store, buildSecret()))).message).toContain("secretmanager.secrets.create");
    await put(open(name), buildSecret());
    expect(await store.describe()).toMatchObject({ version: "1" });
  });

  test("that are missing, unknown or no JSON are refused, and never quoted", async () => {
    const unknown = google.accountWith([]).credentials.replace(/account-\d+/, "stranger");
    const { endpoint } = google;
    const missing = await refusal(() => openGoogleSecretStore({ project, secret: "x", endpoint }).describe());
    expect(missing.code).toBe("secret_store_refused");
    expect(missing.message).toContain("GOOGLE_APPLICATION_CREDENTIALS");
    expect((await refusal(() => open("x", { credentials: unknown }).describe())).code).toBe("secret_store_refused");
    for (const credentials of ["/path/to/hunter2.json", '{"private_key":"hunter2"', '"hunter2"']) {
      const error = await refusal(() => open("x", { credentials }));
      expect(error.code).toBe("secret_store_invalid_argument");
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("hunter2");
    }
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

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${portOf(server.address())}`;
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
