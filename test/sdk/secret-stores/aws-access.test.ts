/** How the stores of AWS are reached and as whom: what is said when that fails, and what policies they need. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { inspect } from "node:util";
import {
  type AwsSecretsManagerSecretStoreOptions,
  openAwsSecretsManagerSecretStore,
  type SecretStore,
} from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { buildName, buildSecret, expectHolds, put, refusal } from "../../conformance/secret-stores.ts";
import { type AwsKey, type Moto, startMoto } from "../../support/moto.ts";

const region = "eu-central-1";
const statement = { Effect: "Allow", Resource: "*" };
const allActions = ["Describe", "Create", "Delete", "Restore"].map((verb) => `secretsmanager:${verb}Secret`);

let moto: Moto;
let keys: {
  readonly root: AwsKey;
  readonly plan: AwsKey;
  readonly apply: AwsKey;
  readonly without: Map<string, AwsKey>;
};

beforeAll(async () => {
  moto = await startMoto();
  const apply = await policyOf("apply");
  const without = new Map<string, AwsKey>();
  for (const action of apply) {
    const rest = apply.filter((other) => other !== action);
    without.set(action, await moto.keyWith({ Version: "2012-10-17", Statement: [{ ...statement, Action: rest }] }));
  }
  keys = {
    root: await moto.keyWith({ Version: "2012-10-17", Statement: [{ ...statement, Action: "secretsmanager:*" }] }),
    plan: await keyWith(await policyOf("plan")),
    apply: await keyWith(apply),
    without,
  };
  await moto.checkPolicies();
}, 330_000);

afterAll(() => moto.close());

function keyWith(actions: readonly string[]): Promise<AwsKey> {
  return moto.keyWith({ Version: "2012-10-17", Statement: [{ ...statement, Action: actions }] });
}

/** The actions of the policy that the documentation shows. Its resources moto does not know. */
async function policyOf(run: "plan" | "apply"): Promise<readonly string[]> {
  const file = `../../../examples/terraform/guides/least-privilege/aws-secrets-manager-${run}.json`;
  const policy = JSON.parse(await readFile(new URL(file, import.meta.url), "utf8"));
  expect(policy.Statement).toHaveLength(1);
  return [policy.Statement[0].Action].flat();
}

function open(name: string, options: Partial<AwsSecretsManagerSecretStoreOptions> = {}): SecretStore {
  return openAwsSecretsManagerSecretStore({ region, name, endpoint: moto.endpoint, ...keys.root, ...options });
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

test("the documented policies suffice: one plans and reads no secret, one applies and reads none back", async () => {
  const name = buildName();
  const store = open(name, keys.apply);
  const [first, dead] = [buildSecret(), buildSecret()];
  await store.checkWritable();
  await put(store, dead);
  await put(store, first, { replacing: dead.apiTokenId });
  await expectHolds(open(name), first);
  const planned = await open(name, keys.plan).describe();
  expect(planned).toMatchObject({ apiTokenId: first.apiTokenId, fingerprint: first.fingerprint });
  for (const key of [keys.plan, keys.apply])
    expect((await refusal(() => open(name, key).read())).code).toBe("secret_store_refused");
  expect((await refusal(() => put(open(name, keys.plan), first))).code).toBe("secret_store_refused");
  expect(await store.delete(first.apiTokenId)).toBe("deleted");
  await put(store, buildSecret());
});

test("each right of the policy is needed, and its lack is told by its name", async () => {
  for (const [action, key] of keys.without) {
    if (action === "secretsmanager:UntagResource") continue; // only for keys of a secret
    const name = buildName();
    const [first, second] = [buildSecret(), buildSecret()];
    const error = await refusal(async () => {
      const store = open(name, key);
      await put(store, first);
      await put(store, second, { replacing: first.apiTokenId });
      await store.delete(second.apiTokenId);
      await put(store, buildSecret());
    });
    expect(error, action).toMatchObject({ code: "secret_store_refused", retryable: false });
    expect(error.message).toContain(action);
  }
  expect(allActions.every((action) => keys.without.has(action))).toBe(true);
});

test("a wrong secret of an access key, or an unknown one, is refused and quoted nowhere", async () => {
  for (const secretAccessKey of ["canary-wrong-secret"]) {
    for (const accessKeyId of [keys.root.accessKeyId, "AKIAUNKNOWN"]) {
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
      Object.entries({ region, name: "x", ...keys.root, ...wrong }).filter(([, value]) => value !== undefined),
    );
    const error = await refusal(() => openAwsSecretsManagerSecretStore({ region, name: "x", ...settings }));
    expect(error.code).toBe("secret_store_invalid_argument");
    expect(inspect(error)).not.toContain("canary");
  }
});
