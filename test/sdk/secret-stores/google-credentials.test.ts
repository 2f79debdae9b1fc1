/** As whom Google Secret Manager is reached: each way that Google's own tools have, and what is said when it leads nowhere. */
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { inspect } from "node:util";
import {
  type GoogleAccess,
  openGoogleSecretStore,
  openSecretStore,
  type SecretStore,
} from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { buildName, buildSecret, expectHolds, put, refusal } from "../../conformance/secret-stores.ts";
import { type GoogleDouble, startGoogleDouble } from "../../support/google-double.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { trust } from "../../support/trust.ts";

const place = { project: "my-project", secret: "x" };
let google: GoogleDouble;

beforeAll(async () => {
  google = await startGoogleDouble();
  trust(google.certificatePem);
});

afterAll(() => google.close());

/** Whatever a test forgets to configure asks no metadata server, and no file of whoever runs it. */
beforeEach(() => {
  vi.stubEnv("METADATA_SERVER_DETECTION", "none");
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent");
});

function open(access: GoogleAccess = {}, secret = "x"): SecretStore {
  return openGoogleSecretStore({ ...place, secret, endpoint: google.endpoint, ...access });
}

/** Leaves credentials where Google's tools look for them. */
async function leave(credentials: string): Promise<void> {
  const path = join(await temporaryFolder(), "credentials.json");
  await writeFile(path, credentials);
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", path);
}

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

/** The configuration of a federation whose token service is at an address. */
async function federation(address: string): Promise<string> {
  const file = join(await temporaryFolder(), "token");
  await writeFile(file, "token of the workload");
  return JSON.stringify({
    type: "external_account",
    audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: `${address}/v1/token`,
    credential_source: { file },
  });
}

test("a workload's own token is exchanged for one of Google's, explicitly or by default, and nothing is printed", async () => {
  const printed = vi.spyOn(console, "warn");
  const asked: string[] = [];
  const address = await serve((request, response) => {
    request.on("data", (data) => asked.push(String(data)));
    request.on("end", () => {
      const answer = { access_token: "exchanged", token_type: "Bearer", expires_in: 3600, issued_token_type: "x" };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
  });
  google.accept("exchanged", google.owner);
  const credentials = await federation(address);
  const name = buildName();
  const secret = buildSecret();
  await put(open({ credentials }, name), secret);
  await leave(credentials);
  await expectHolds(open({}, name), secret);
  expect(decodeURIComponent(asked.join("").replaceAll("+", " "))).toContain("token of the workload");
  expect(printed).not.toHaveBeenCalled();
});

test("an access token is used as it is, explicitly or of the environment", async () => {
  google.accept("token-of-gcloud", google.owner);
  expect(await open({ accessToken: "token-of-gcloud" }).describe()).toBeUndefined();
  const environment = {
    GOOGLE_OAUTH_ACCESS_TOKEN: "token-of-gcloud",
    GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT: google.endpoint,
  };
  expect(await openSecretStore({ googleSecretManager: place }, { environment }).describe()).toBeUndefined();
  const error = await refusal(() => open({ accessToken: "canary-expired" }).describe());
  expect(error.code).toBe("secret_store_refused");
  expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("canary");
});

/** The service that gives access tokens of other accounts. */
function impersonation(calls: unknown[], status = 200): typeof fetch {
  return async (input, init) => {
    calls.push({ url: String(input), body: await new Response(init?.body ?? "").json() });
    const expireTime = new Date(Date.now() + 3_600_000).toISOString();
    return Response.json({ accessToken: "of the other", expireTime, error: { message: "canary" } }, { status });
  };
}

const account = "deploy@my-project.iam.gserviceaccount.com";

test("credentials are exchanged once for those of the account to impersonate, whether given or found", async () => {
  google.accept("of the other", google.owner);
  const helpless = google.accountWith([]).credentials;
  await leave(helpless);
  for (const access of [{ credentials: helpless }, {}]) {
    const calls: unknown[] = [];
    const store = open({ ...access, impersonateServiceAccount: account, fetch: impersonation(calls) }, buildName());
    const secret = buildSecret();
    await put(store, secret);
    await expectHolds(store, secret);
    const url = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account}:generateAccessToken`;
    expect(calls).toEqual([{ url, body: { scope: ["https://www.googleapis.com/auth/cloud-platform"] } }]);
  }
});

test("an account that may not be impersonated is told from a permission on the secret", async () => {
  const { credentials } = google.owner;
  const send = impersonation([], 403);
  const error = await refusal(() => open({ credentials, impersonateServiceAccount: account, fetch: send }).describe());
  expect(error).toMatchObject({ code: "secret_store_refused", retryable: false });
  expect(error.message).toMatch(/no access token .*\(403\).*impersonate/);
  expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("canary");
});

test("found credentials count when none are given, and given ones win", async () => {
  const reader = google.accountWith(["secretmanager.secrets.get", "secretmanager.versions.get"]);
  await leave(reader.credentials);
  const name = buildName();
  const found = open({}, name);
  expect((await refusal(() => put(found, buildSecret()))).message).toContain("secretmanager.secrets.create");
  await put(open({ credentials: google.owner.credentials }, name), buildSecret());
  expect(await found.describe()).toMatchObject({ version: "1" });
  const environment = { GOOGLE_OAUTH_ACCESS_TOKEN: "nobody's" };
  const { credentials } = google.owner;
  const access = { environment, googleSecretManager: { credentials, endpoint: google.endpoint } };
  const given = openSecretStore({ googleSecretManager: { ...place, secret: name } }, access);
  expect(await given.describe()).toMatchObject({ version: "1" });
});

test("credentials that are missing can be there later, for the same handle", async () => {
  const store = open();
  const missing = await refusal(() => store.describe());
  expect(missing.code).toBe("secret_store_refused");
  expect(missing.message).toContain("GOOGLE_APPLICATION_CREDENTIALS");
  await leave(google.owner.credentials);
  expect(await store.describe()).toBeUndefined();
  await store.close();
});

test("what gives access tokens and cannot, now, is retryable; what refuses one is not", async () => {
  const busy = await serve((_request, response) => response.writeHead(503).end("canary"));
  const refusing = await serve((_request, response) => response.writeHead(400).end('{"error":"invalid_grant"}'));
  for (const [address, code] of [
    ["http://127.0.0.1:1", "secret_store_unreachable"],
    [busy, "secret_store_unreachable"],
    [refusing, "secret_store_refused"],
  ] as const) {
    const credentials = await federation(address);
    const error = await refusal(() => open({ credentials }).describe());
    expect(error.code, address).toBe(code);
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("canary");
  }
});

test("settings that cannot be used are refused before anything is asked, and quoted nowhere", async () => {
  const unknown = google.accountWith([]).credentials.replace(/account-\d+/, "stranger");
  expect((await refusal(() => open({ credentials: unknown }).describe())).code).toBe("secret_store_refused");
  for (const access of [
    { credentials: "/path/to/hunter2.json" },
    { credentials: '{"private_key":"hunter2"' },
    { credentials: '"hunter2"' },
    { credentials: google.owner.credentials, accessToken: "hunter2" },
    { accessToken: "hunter2 " },
    { impersonateServiceAccount: "hunter2/../x" },
    { endpoint: "https://hunter2" },
    { destroyOldVersionsAfterMs: Number.NaN },
  ]) {
    const error = await refusal(() => open(access));
    expect(error.code).toBe("secret_store_invalid_argument");
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("hunter2");
  }
});
