import { readFile } from "node:fs/promises";
import { SSM } from "@aws-sdk/client-ssm";
import {
  type AwsSsmSecretStoreOptions,
  awsSsmDestination,
  openAwsSsmSecretStore,
  parseAwsSsmDestination,
  type SecretStore,
} from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  buildName,
  buildSecret,
  describeSecretStore,
  expectHolds,
  put,
  refusal,
  type TestSecret,
} from "../../conformance/secret-stores.ts";
import { type AwsKey, type Moto, startMoto } from "../../support/moto.ts";

const region = "eu-central-1";
let moto: Moto;
let aws: SSM;

beforeAll(async () => {
  moto = await startMoto();
  aws = new SSM({ region, endpoint: moto.endpoint, credentials: moto.credentials });
}, 330_000);

afterAll(async () => {
  aws.destroy();
  await moto.close();
});

function open(path: string, options: Partial<AwsSsmSecretStoreOptions> = {}): SecretStore {
  const { endpoint, credentials } = moto;
  return openAwsSsmSecretStore({ region, path, endpoint, ...credentials, ...options });
}

async function overwrite(path: string, text: string): Promise<void> {
  await aws.putParameter({ Name: `/${path}`, Value: text, Type: "SecureString", Overwrite: true });
}

function describeParameter(path: string) {
  const filter = { Key: "Name", Option: "Equals", Values: [`/${path}`] };
  return aws.describeParameters({ ParameterFilters: [filter] }).then(({ Parameters }) => Parameters?.[0]);
}

async function metadataOf(path: string): Promise<string> {
  const tags = await aws.listTagsForResource({ ResourceType: "Parameter", ResourceId: `/${path}` });
  return JSON.stringify([await describeParameter(path), tags.TagList]);
}

function callOf(init: RequestInit | undefined): string {
  return new Headers(init?.headers).get("x-amz-target")?.split(".")[1] ?? "";
}

/** A writer whose process ends before a call. A parameter is created whole, so a first write here replaces a dead token's. */
function cut(buildEnd: () => (call: string) => boolean) {
  return async (path: string, secret: TestSecret) => {
    const dead = buildSecret();
    if ((await open(path).describe()) === undefined) await put(open(path), dead);
    const isEnd = buildEnd();
    let isEnded = false;
    const send: typeof fetch = async (input, init) => {
      isEnded ||= isEnd(callOf(init));
      if (isEnded) throw new TypeError("cut short");
      return fetch(input, init);
    };
    const write = put(open(path, { fetch: send }), secret, { replacing: dead.apiTokenId });
    expect((await refusal(() => write)).code).toBe("secret_store_unreachable");
  };
}

describeSecretStore("aws ssm", () => ({
  open,
  openDestination: (destination) => open("", parseAwsSsmDestination(destination)),
  foreignWrite: overwrite,
  // With a parameter its tags go, too. Emptied as far as AWS allows, it is what comes closest.
  foreignDelete: (path) => overwrite(path, "-"),
  metadata: metadataOf,
  cutShort: {
    "before the secret": cut(() => (call) => call === "PutParameter"),
    "after the secret": cut(() => {
      let isPut = false;
      return (call) => {
        const isAfter = isPut;
        isPut ||= call === "PutParameter";
        return isAfter;
      };
    }),
  },
  credentials: () => [moto.credentials.secretAccessKey],
  refusedNames: ["", "/", "a//b", "//a", "a/", "aws/a", "SSM-a", "a b", "..\\"],
  names: "restricted",
  overwrites: "blindly",
}));

describe("a parameter of AWS", () => {
  test("is encrypted, by the configured key and in the configured tier, which the next write keeps", async () => {
    const path = buildName();
    const first = buildSecret();
    await put(open(path, { kmsKeyId: "alias/ci", tier: "Advanced" }), first);
    const { text } = buildSecret();
    await put(open(path, { tier: "Standard" }), { ...first, text });
    const found = await describeParameter(path);
    expect(found).toMatchObject({ Type: "SecureString", KeyId: "alias/ci", Tier: "Advanced", Version: 2 });
  });

  test("keeps its description and the tags of others", async () => {
    const path = buildName();
    const secret = buildSecret();
    await put(open(path), secret);
    const about = { ResourceType: "Parameter", ResourceId: `/${path}` } as const;
    await aws.addTagsToResource({ ...about, Tags: [{ Key: "team", Value: "ci" }] });
    const Description = "of the platform team";
    await aws.putParameter({ Name: `/${path}`, Value: "x", Type: "SecureString", Description, Overwrite: true });
    await put(open(path), buildSecret(secret.apiTokenId));
    expect(await describeParameter(path)).toMatchObject({ Description });
    expect((await aws.listTagsForResource(about)).TagList).toContainEqual({ Key: "team", Value: "ci" });
  });

  test("has tags that AWS takes, whatever the label: letters and digits of any script, a few signs, and 256 characters", async () => {
    const path = buildName();
    const { apiTokenId } = buildSecret();
    for (const label of ["Nightly (prod) ü鍵", "🔑".repeat(100), "%&*=\\".repeat(20), "e\u0301".repeat(50)]) {
      const { text, ...owner } = buildSecret(apiTokenId);
      await open(path).write(text, { ...owner, label, organizationId: apiTokenId, expiresAt: "2027-01-31T12:00:00Z" });
      const about = { ResourceType: "Parameter", ResourceId: `/${path}` } as const;
      const tags = (await aws.listTagsForResource(about)).TagList ?? [];
      expect(tags.map(({ Key }) => Key).toSorted()).toEqual(["orgtokens", "orgtokens.label"]);
      for (const { Value } of tags) expect(Value).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u);
    }
  });

  test("that somebody else writes at any moment of a write is not taken for ours", async () => {
    for (const moment of ["PutParameter", "AddTagsToResource"]) {
      const path = buildName();
      const first = buildSecret();
      await put(open(path), first);
      const send: typeof fetch = async (input, init) => {
        if (callOf(init) === moment) await overwrite(path, "theirs");
        return fetch(input, init);
      };
      const error = await refusal(() => put(open(path, { fetch: send }), buildSecret(first.apiTokenId)));
      expect(error, moment).toMatchObject({ code: "secret_store_conflict", retryable: true });
      expect(await open(path).describe()).toEqual({ apiTokenId: first.apiTokenId });
    }
  });

  test("has one URI, with or without the slash at its start, which leads back to it", () => {
    const destination = "aws-ssm://eu-central-1/ci/orgtokens";
    for (const path of ["/ci/orgtokens", "ci/orgtokens"]) expect(awsSsmDestination({ region, path })).toBe(destination);
    expect(parseAwsSsmDestination(destination)).toEqual({ region, path: "/ci/orgtokens" });
    for (const other of [
      "aws-ssm://r",
      "aws-ssm:///a",
      "aws-ssm://r/a#b",
      "aws-ssm://r/%zz",
      "aws-secrets-manager://r/a",
    ])
      expect(parseAwsSsmDestination(other), other).toBeUndefined();
  });
});

describe("the documented policies", () => {
  let checked: Moto;
  const statement = { Effect: "Allow", Resource: "*" };

  beforeAll(async () => {
    checked = await startMoto();
  }, 330_000);

  afterAll(() => checked.close());

  /** The actions that the documentation allows. Their resources moto does not know. */
  async function actionsOf(run: "plan" | "apply"): Promise<readonly string[]> {
    const file = `../../../examples/terraform/guides/least-privilege/aws-ssm-${run}.json`;
    const policy = JSON.parse(await readFile(new URL(file, import.meta.url), "utf8"));
    return policy.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action);
  }

  const keyWith = (actions: readonly string[]): Promise<AwsKey> =>
    checked.keyWith({ Version: "2012-10-17", Statement: [{ ...statement, Action: actions }] });

  test("suffice, and each of their rights is needed and told by its name: a plan and an apply read no secret", async () => {
    const apply = await actionsOf("apply");
    const keys = { plan: await keyWith(await actionsOf("plan")), apply: await keyWith(apply) };
    const without = new Map<string, AwsKey>();
    for (const action of apply) without.set(action, await keyWith(apply.filter((other) => other !== action)));
    await checked.checkPolicies();
    const at = (key: AwsKey, path: string) => open(path, { endpoint: checked.endpoint, ...key });
    const write = async (store: SecretStore) => {
      const [dead, secret] = [buildSecret(), buildSecret()];
      await put(store, dead);
      await put(store, secret, { replacing: dead.apiTokenId });
      return secret;
    };
    const path = buildName();
    const secret = await write(at(keys.apply, path));
    expect(await at(keys.plan, path).describe()).toMatchObject({ fingerprint: secret.fingerprint });
    for (const key of [keys.plan, keys.apply])
      expect((await refusal(() => at(key, path).read())).code).toBe("secret_store_refused");
    expect((await refusal(() => put(at(keys.plan, path), secret))).code).toBe("secret_store_refused");
    expect(await at(keys.apply, path).delete(secret.apiTokenId)).toBe("deleted");
    for (const [action, key] of without) {
      const store = at(key, buildName());
      const error = await refusal(async () => store.delete((await write(store)).apiTokenId));
      expect(error, action).toMatchObject({ code: "secret_store_refused", retryable: false });
      expect(error.message).toContain(action);
    }
  });
});

test("a parameter's tier must be one that AWS has", async () => {
  expect((await refusal(() => open("x", { tier: "Gold" }))).code).toBe("secret_store_invalid_argument");
  const secret = buildSecret();
  await put(open("x", { tier: "Intelligent-Tiering" }), secret);
  await expectHolds(open("x"), secret);
});
