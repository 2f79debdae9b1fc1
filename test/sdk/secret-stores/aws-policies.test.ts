/** The policies that the documentation shows, run: each suffices, each of its rights is needed, and none reads a secret for nothing. */
import { readFile } from "node:fs/promises";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import {
  type AwsAccess,
  openAwsSecretsManagerSecretStore,
  openAwsSsmSecretStore,
  type SecretStore,
} from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { buildName, buildSecret, put, refusal } from "../../conformance/secret-stores.ts";
import { type AwsKey, type Moto, startMoto } from "../../support/moto.ts";
import { overwriteSecret } from "../../support/overwrite-secret.ts";

const region = "eu-central-1";
// moto is one process for everything.
vi.setConfig({ testTimeout: 60_000 });

let moto: Moto;
let root: AwsKey;
let aws: SecretsManager;

beforeAll(async () => {
  moto = await startMoto();
  root = await keyWith(["secretsmanager:*", "ssm:*"]);
  aws = new SecretsManager({ region, endpoint: moto.endpoint, credentials: root });
  for (const { apply, plan } of runs) {
    const actions = await actionsOf(apply);
    keys.set(apply, await keyWith(actions));
    keys.set(plan, await keyWith(await actionsOf(plan)));
    for (const action of actions)
      keys.set(`${apply} ${action}`, await keyWith(actions.filter((other) => other !== action)));
  }
  await moto.checkPolicies();
}, 330_000);

afterAll(async () => {
  aws.destroy();
  await moto.close();
});

/** What a store does in the life of a token, and in what an account can be found. */
type Run = {
  readonly apply: string;
  readonly plan: string;
  readonly open: (name: string, access: AwsAccess) => SecretStore;
  /** Needs each right of the policy. */
  readonly live: (name: string, access: AwsAccess) => Promise<unknown>;
  /** What a call is about, by its request. */
  readonly arnOf: (request: { readonly [name: string]: string }) => string;
};

const arnOfSecret: Run["arnOf"] = ({ SecretId, Name }) =>
  `arn:aws:secretsmanager:${region}:123456789012:secret:${SecretId ?? Name}-AbCdEf`;

const wholeSecret: Run = {
  apply: "aws-secrets-manager-apply",
  plan: "aws-secrets-manager-plan",
  open: (name, access) => openAwsSecretsManagerSecretStore({ region, name, ...access }),
  async live(name, access) {
    const store = wholeSecret.open(name, access);
    await writeTwice(store, buildSecret().apiTokenId);
    await put(store, buildSecret());
    const prepared = `${name}-prepared`;
    await aws.createSecret({ Name: prepared });
    const secret = buildSecret();
    await put(wholeSecret.open(prepared, access), secret);
    await overwriteSecret(aws, prepared, "theirs");
    await wholeSecret.open(prepared, access).delete(secret.apiTokenId);
  },
  arnOf: arnOfSecret,
};

const keyOfSecret: Run = {
  ...wholeSecret,
  apply: "aws-secrets-manager-apply-key",
  open: (name, access) => openAwsSecretsManagerSecretStore({ region, name, key: "token", ...access }),
  async live(name, access) {
    const other = openAwsSecretsManagerSecretStore({ region, name, key: "other", ...access });
    const secret = buildSecret();
    await put(other, secret);
    await put(keyOfSecret.open(name, access), buildSecret());
    await other.delete(secret.apiTokenId);
    await wholeSecret.live(`${name}-whole`, access);
  },
};

const parameter: Run = {
  apply: "aws-ssm-apply",
  plan: "aws-ssm-plan",
  open: (name, access) => openAwsSsmSecretStore({ region, path: name, ...access }),
  live: (name, access) => writeTwice(parameter.open(name, access), buildSecret().apiTokenId),
  arnOf: ({ Name, ResourceId }) => `arn:aws:ssm:${region}:123456789012:parameter${Name ?? ResourceId ?? "/"}`,
};

const runs = [wholeSecret, keyOfSecret, parameter];
const keys = new Map<string, AwsKey>();

async function writeTwice(store: SecretStore, dead: string): Promise<void> {
  await store.checkWritable();
  await put(store, buildSecret(dead));
  const secret = buildSecret();
  await put(store, secret, { replacing: dead });
  expect(await store.delete(secret.apiTokenId)).toBe("deleted");
}

type Statement = { readonly actions: readonly string[]; readonly resource: string };

async function statementsOf(policy: string): Promise<readonly Statement[]> {
  const file = new URL(`../../../examples/terraform/guides/least-privilege/${policy}.json`, import.meta.url);
  const { Statement } = JSON.parse(await readFile(file, "utf8"));
  return Statement.map(({ Action, Resource }: { Action: string | string[]; Resource: string }) => ({
    actions: [Action].flat(),
    resource: Resource,
  }));
}

async function actionsOf(policy: string): Promise<readonly string[]> {
  return (await statementsOf(policy)).flatMap(({ actions }) => actions);
}

/** Of policies, moto checks all but the resources. */
function keyWith(actions: readonly string[]): Promise<AwsKey> {
  const statement = { Effect: "Allow", Action: actions, Resource: "*" };
  return moto.keyWith({ Version: "2012-10-17", Statement: [statement] });
}

function accessOf(key: string): AwsAccess {
  return { endpoint: moto.endpoint, ...keys.get(key) };
}

test.each(runs)("$apply suffices for every write and deletion, and $plan to look for drift", async (run) => {
  await run.live(`ci/${buildName()}`, accessOf(run.apply));
  const name = `ci/${buildName()}`;
  const secret = buildSecret();
  await put(run.open(name, accessOf(run.apply)), secret);
  const store = run.open(name, accessOf(run.plan));
  expect(await store.describe()).toMatchObject({ fingerprint: secret.fingerprint });
  expect((await refusal(() => put(store, secret))).code).toBe("secret_store_refused");
});

test.each([wholeSecret, parameter])("neither $apply nor $plan reads a secret", async ({ apply, plan, open }) => {
  const name = `ci/${buildName()}`;
  await put(open(name, accessOf(apply)), buildSecret());
  for (const key of [apply, plan])
    expect((await refusal(() => open(name, accessOf(key)).read())).code).toBe("secret_store_refused");
});

test.each(runs)("each right of $apply is needed, and its lack is told by its name", async ({ apply, live }) => {
  for (const action of await actionsOf(apply)) {
    const error = await refusal(() => live(`ci/${buildName()}`, accessOf(`${apply} ${action}`)));
    expect(error, action).toMatchObject({ code: "secret_store_refused", retryable: false });
    expect(error.message).toContain(action);
  }
});

test.each(runs)("the resources of $apply are those that the calls are about, and of no other path", async (run) => {
  const calls: { readonly action: string; readonly arn: string }[] = [];
  const send: typeof fetch = async (input, init) => {
    const [service = "", operation = ""] = new Headers(init?.headers).get("x-amz-target")?.split(".") ?? [];
    const action = `${service === "AmazonSSM" ? "ssm" : service}:${operation}`;
    calls.push({ action, arn: run.arnOf(await new Response(init?.body ?? "").json()) });
    return fetch(input, init);
  };
  await run.live(`ci/${buildName()}`, { endpoint: moto.endpoint, ...root, fetch: send });
  const statements = await statementsOf(run.apply);
  const isAllowed = ({ action, arn }: { action: string; arn: string }) =>
    statements.some(({ actions, resource }) => actions.includes(action) && matches(resource, arn));
  expect(calls.filter((call) => !isAllowed(call))).toEqual([]);
  const elsewhere = calls.filter(({ action }) => action !== "ssm:DescribeParameters");
  for (const { action, arn } of elsewhere)
    expect(isAllowed({ action, arn: arn.replace("ci/", "production/") })).toBe(false);
});

/** As IAM compares: an asterisk stands for any characters. */
function matches(pattern: string, arn: string): boolean {
  const source = pattern.split("*").map((part) => part.replace(/[.\\/]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`).test(arn);
}
