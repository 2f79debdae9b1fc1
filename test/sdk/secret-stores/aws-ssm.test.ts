import { SSM } from "@aws-sdk/client-ssm";
import {
  type AwsSsmSecretStoreOptions,
  awsSsmDestination,
  openAwsSsmSecretStore,
  parseAwsSsmDestination,
  type SecretStore,
} from "@orgtokens/sdk/secret-stores";
import { createFaultProxy, type FaultProxy } from "@orgtokens/sdk/secret-stores/conformance";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  buildName,
  buildSecret,
  describeSecretStore,
  expectHolds,
  put,
  refusal,
  type TestSecret,
} from "../../conformance/secret-stores.ts";
import { type AwsRights, grantAwsRights } from "../../support/aws-rights.ts";
import { type Moto, startMoto } from "../../support/moto.ts";

const region = "eu-central-1";
// moto is one process for everything.
vi.setConfig({ testTimeout: 60_000 });

let moto: Moto;
let rights: AwsRights;
let proxy: FaultProxy;
let aws: SSM;

beforeAll(async () => {
  moto = await startMoto();
  proxy = createFaultProxy({ host: "127.0.0.1", port: Number(new URL(moto.endpoint).port) });
  rights = await grantAwsRights(moto, {
    describe: "ssm:DescribeParameters",
    write: "ssm:PutParameter",
    delete: "ssm:DeleteParameter",
    read: "ssm:GetParameter",
  });
  aws = new SSM({ region, endpoint: moto.endpoint, credentials: rights.all });
}, 330_000);

afterAll(async () => {
  aws.destroy();
  await proxy.close();
  await moto.close();
});

function open(path: string, options: Partial<AwsSsmSecretStoreOptions> = {}): SecretStore {
  return openAwsSsmSecretStore({ region, path, endpoint: moto.endpoint, ...rights.all, ...options });
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

/** Sends everything, but the first answer to an operation gets lost. */
function losingOne(operation: string): typeof fetch {
  let isLost = false;
  return async (input, init) => {
    const answer = await fetch(input, init);
    if (callOf(init) !== operation || isLost) return answer;
    isLost = true;
    await answer.body?.cancel();
    throw new TypeError("lost");
  };
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
  credentials: () => [rights.all.secretAccessKey],
  lacking: {
    describe: (path) => open(path, rights.without.describe),
    write: (path) => open(path, rights.without.write),
    delete: (path) => open(path, rights.without.delete),
    read: (path) => open(path, rights.without.read),
  },
  network: { proxy, open: (path, port) => open(path, { endpoint: `http://127.0.0.1:${port}` }) },
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

  test("gets no lower tier by a write that names none", async () => {
    const path = buildName();
    const { apiTokenId } = buildSecret();
    await put(open(path, { tier: "Advanced" }), buildSecret(apiTokenId));
    const tiers: unknown[] = [];
    const send: typeof fetch = async (input, init) => {
      if (callOf(init) === "PutParameter") tiers.push((await new Response(init?.body ?? "").json()).Tier);
      return fetch(input, init);
    };
    for (const access of [{}, { tier: "Standard" }, { tier: "Intelligent-Tiering" }])
      await put(open(path, { ...access, fetch: send }), buildSecret(apiTokenId));
    expect(tiers).toEqual(["Advanced", "Advanced", "Advanced"]);
  });

  test("is found on whichever page AWS shows it, though the pages before be empty", async () => {
    const path = buildName();
    const secret = buildSecret();
    await put(open(path), secret);
    let emptyPages = 2;
    const send: typeof fetch = async (input, init) => {
      if (callOf(init) !== "DescribeParameters" || emptyPages === 0) return fetch(input, init);
      emptyPages -= 1;
      return Response.json({ Parameters: [], NextToken: "0" });
    };
    expect(await open(path, { fetch: send }).describe()).toMatchObject({ fingerprint: secret.fingerprint });
    expect(emptyPages).toBe(0);
  });

  test("that is created although the answer gets lost is ours at the second try", async () => {
    const path = buildName();
    const secret = buildSecret();
    expect(await put(open(path, { fetch: losingOne("PutParameter") }), secret)).toMatchObject({ version: "1" });
    await expectHolds(open(path), secret);
  });

  test("whose overwriting gets no answer is a conflict, drifted, and repaired by the next write", async () => {
    const path = buildName();
    const { apiTokenId } = buildSecret();
    await put(open(path), buildSecret(apiTokenId));
    const write = put(open(path, { fetch: losingOne("PutParameter") }), buildSecret(apiTokenId));
    expect(await refusal(() => write)).toMatchObject({ code: "secret_store_conflict", retryable: true });
    expect(await open(path).describe()).toEqual({ apiTokenId });
    const next = buildSecret(apiTokenId);
    await put(open(path), next);
    await expectHolds(open(path), next);
  });

  test("keeps its description, its allowed pattern and the tags of others", async () => {
    const path = buildName();
    const secret = buildSecret();
    await put(open(path), secret);
    const about = { ResourceType: "Parameter", ResourceId: `/${path}` } as const;
    await aws.addTagsToResource({ ...about, Tags: [{ Key: "team", Value: "ci" }] });
    const theirs = { Description: "of the platform team", AllowedPattern: "^\\S+$" };
    await aws.putParameter({ Name: `/${path}`, Value: "x", Type: "SecureString", ...theirs, Overwrite: true });
    await put(open(path), buildSecret(secret.apiTokenId));
    expect(await describeParameter(path)).toMatchObject(theirs);
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

test("a parameter's tier must be one that AWS has", async () => {
  expect((await refusal(() => open("x", { tier: "Gold" }))).code).toBe("secret_store_invalid_argument");
  const secret = buildSecret();
  await put(open("x", { tier: "Intelligent-Tiering" }), secret);
  await expectHolds(open("x"), secret);
});
