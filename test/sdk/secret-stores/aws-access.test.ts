/** What is said when AWS, or what stands at its address, does not do what it is asked. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { inspect } from "node:util";
import {
  type AwsSecretsManagerSecretStoreOptions,
  openAwsSecretsManagerSecretStore,
  type SecretStore,
} from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { buildName, buildSecret, put, refusal } from "../../conformance/secret-stores.ts";
import { type AwsKey, type Moto, startMoto } from "../../support/moto.ts";

const region = "eu-central-1";
// moto is one process for everything.
vi.setConfig({ testTimeout: 60_000 });

let moto: Moto;
let root: AwsKey;

beforeAll(async () => {
  moto = await startMoto();
  const statement = { Effect: "Allow", Action: "secretsmanager:*", Resource: "*" };
  root = await moto.keyWith({ Version: "2012-10-17", Statement: [statement] });
  await moto.checkPolicies();
}, 330_000);

afterAll(() => moto.close());

function open(name: string, options: Partial<AwsSecretsManagerSecretStoreOptions> = {}): SecretStore {
  return openAwsSecretsManagerSecretStore({ region, name, endpoint: moto.endpoint, ...root, ...options });
}

/** Something else than AWS at the endpoint. */
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

test("a wrong secret of an access key, or an unknown one, is refused and quoted nowhere", async () => {
  for (const secretAccessKey of ["canary-wrong-secret"]) {
    for (const accessKeyId of [root.accessKeyId, "AKIAUNKNOWN"]) {
      const error = await refusal(() => put(open(buildName(), { accessKeyId, secretAccessKey }), buildSecret()));
      expect(error).toMatchObject({ code: "secret_store_refused", retryable: false });
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("canary");
    }
  }
});

test("an endpoint that does not answer, cannot answer now, breaks off or redirects is retryable, and gets nothing twice", async () => {
  const seen: unknown[] = [];
  const target = await serve((request, response) => {
    seen.push(request.headers);
    response.end("{}");
  });
  const busy = await serve((_request, response) => response.writeHead(503).end("{}"));
  const cutOff = await serve((_request, response) => {
    response.writeHead(200, { "content-length": 100 }).write('{"Name"');
    response.destroy();
  });
  const away = await serve((request, response) => {
    response.writeHead(307, { location: `${target}${request.url}` }).end();
  });
  const endless = await serve((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write("x".repeat(65_536)));
    };
    response.on("drain", more);
    more();
  });
  for (const endpoint of ["http://127.0.0.1:1", busy, cutOff, away, endless]) {
    const error = await refusal(() => open("x", { endpoint }).checkWritable());
    expect(error, endpoint).toMatchObject({ code: "secret_store_unreachable", retryable: true });
  }
  expect(seen).toEqual([]);
});

test("an endpoint at which something else answers, with whatever text, gives an error that quotes nothing of it", async () => {
  const { text } = buildSecret();
  for (const status of [200, 400, 404, 418]) {
    for (const answer of [text, `{"SecretString":"${text}`, `{"__type":"${text}","message":"${text}"}`]) {
      const endpoint = await serve((_request, response) => response.writeHead(status).end(answer));
      const store = open("x", { endpoint, key: "token" });
      const seen = await Promise.allSettled([store.read(), store.describe(), put(store, buildSecret())]);
      const shown = inspect(
        seen.map((one) => (one.status === "rejected" ? one.reason : undefined)),
        { showHidden: true, depth: 9 },
      );
      expect(shown).not.toContain(text.slice(0, 8));
    }
  }
});

test("a machine whose clock is an hour late signs by the clock of AWS", async () => {
  const now = Date.now() + 3_600_000;
  const endpoint = await serve((request, response) => {
    const signedAt = String(request.headers["x-amz-date"]).replace(/^(....)(..)(..T..)(..)/, "$1-$2-$3:$4:");
    const isLate = Math.abs(Date.parse(signedAt) - now) > 300_000;
    const type = isLate ? "InvalidSignatureException" : "ResourceNotFoundException";
    response.writeHead(isLate ? 403 : 400, { date: new Date(now).toUTCString() }).end(`{"__type":"${type}"}`);
  });
  expect(await open("x", { endpoint }).describe()).toBeUndefined();
});

test.each([
  ["ExpiredTokenException", "secret_store_refused", "expired"],
  ["InvalidSignatureException", "secret_store_refused", "clock"],
  ["EncryptionFailure", "secret_store_refused", "KMS key"],
  ["LimitExceededException", "secret_store_failed", "quota"],
  ["ThrottlingException", "secret_store_unreachable", "now"],
])("what AWS calls %s ends with %s, and says what to do", async (type, code, advice) => {
  const endpoint = await serve((_request, response) => response.writeHead(400).end(`{"__type":"${type}"}`));
  const error = await refusal(() => open("x", { endpoint }).describe());
  expect(error).toMatchObject({ code, message: expect.stringContaining(advice) });
  expect(error.message).toContain(type);
});

test("a call that its caller gives up ends at once, with the caller's reason", async () => {
  const asked = Promise.withResolvers<void>();
  const endpoint = await serve(() => asked.resolve());
  const abort = new AbortController();
  const reason = new Error("enough");
  const call = open("x", { endpoint }).describe({ signal: abort.signal });
  await asked.promise;
  abort.abort(reason);
  await expect(call).rejects.toBe(reason);
});

test("settings that contradict themselves are refused before anything is asked, and quoted nowhere", async () => {
  for (const wrong of [
    { region: "Frankfurt" },
    { region: "" },
    { endpoint: "canary:1" },
    { accessKeyId: "canary", secretAccessKey: undefined },
    { sessionToken: "canary", accessKeyId: undefined, secretAccessKey: undefined },
    { profile: "canary" },
    { recoveryWindowDays: 3 },
    { tier: "canary" },
  ]) {
    const settings = Object.fromEntries(
      Object.entries({ region, name: "x", ...root, ...wrong }).filter(([, value]) => value !== undefined),
    );
    const error = await refusal(() => openAwsSecretsManagerSecretStore({ region, name: "x", ...settings }));
    expect(error.code).toBe("secret_store_invalid_argument");
    expect(inspect(error)).not.toContain("canary");
  }
});
