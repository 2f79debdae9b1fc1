// long: one moto, which takes seconds to start, for all that a secret of AWS is and for its keys.
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import {
  type AwsSecretsManagerSecretStoreOptions,
  awsSecretsManagerDestination,
  openAwsSecretsManagerSecretStore,
  parseAwsSecretsManagerDestination,
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
import { overwriteSecret } from "../../support/overwrite-secret.ts";

const region = "eu-central-1";
// moto is one process for everything.
vi.setConfig({ testTimeout: 60_000 });

let moto: Moto;
let rights: AwsRights;
let proxy: FaultProxy;
let aws: SecretsManager;

beforeAll(async () => {
  moto = await startMoto();
  proxy = createFaultProxy({ host: "127.0.0.1", port: Number(new URL(moto.endpoint).port) });
  rights = await grantAwsRights(moto, {
    describe: "secretsmanager:DescribeSecret",
    write: "secretsmanager:PutSecretValue",
    delete: "secretsmanager:DeleteSecret",
    read: "secretsmanager:GetSecretValue",
  });
  aws = new SecretsManager({ region, endpoint: moto.endpoint, credentials: rights.all });
}, 330_000);

afterAll(async () => {
  aws.destroy();
  await proxy.close();
  await moto.close();
});

function open(name: string, options: Partial<AwsSecretsManagerSecretStoreOptions> = {}): SecretStore {
  return openAwsSecretsManagerSecretStore({ region, name, endpoint: moto.endpoint, ...rights.all, ...options });
}

/** A key in a secret of its own. */
function openKey(key: string, options: Partial<AwsSecretsManagerSecretStoreOptions> = {}): SecretStore {
  return open(secretOf(key), { key, ...options });
}

const secretOf = (key: string) => key.split("/")[0] ?? "";

const overwrite = (name: string, text: string) => overwriteSecret(aws, name, text);

async function heldIn(name: string, stage = "AWSCURRENT"): Promise<string | undefined> {
  return (await aws.getSecretValue({ SecretId: name, VersionStage: stage })).SecretString;
}

/** A writer whose process ends before a call that changes something. */
async function cutShort(
  store: (send: typeof fetch) => SecretStore,
  secret: TestSecret,
  isEnd: (call: string) => boolean,
) {
  let isEnded = false;
  const send: typeof fetch = async (input, init) => {
    isEnded ||= isEnd(callOf(init));
    if (isEnded) throw new TypeError("cut short");
    return fetch(input, init);
  };
  expect((await refusal(() => put(store(send), secret))).code).toBe("secret_store_unreachable");
}

function callOf(init: RequestInit | undefined): string {
  return new Headers(init?.headers).get("x-amz-target")?.split(".")[1] ?? "";
}

/** An empty secret, as a platform team prepares one; nothing where there is one already. */
async function prepare(name: string): Promise<void> {
  await aws.createSecret({ Name: name }).catch(() => undefined);
}

function cutsOf(store: (name: string, send: typeof fetch) => SecretStore) {
  const cut = (isEnd: () => (call: string) => boolean) => async (name: string, secret: TestSecret) => {
    await prepare(secretOf(name));
    await cutShort((send) => store(name, send), secret, isEnd());
  };
  return {
    "before the secret": cut(() => (call) => call === "PutSecretValue"),
    "after the secret": cut(() => {
      let isPut = false;
      return (call) => {
        const isAfter = isPut;
        isPut ||= call === "PutSecretValue";
        return isAfter;
      };
    }),
    "before the metadata": cut(() => {
      let isPut = false;
      return (call) => {
        isPut ||= call === "PutSecretValue";
        return isPut && call === "TagResource";
      };
    }),
  };
}

const destinationOptions = (destination: string) => parseAwsSecretsManagerDestination(destination) ?? { name: "?" };

describeSecretStore("aws secrets manager", () => ({
  open,
  openDestination: (destination) => open("", destinationOptions(destination)),
  foreignWrite: overwrite,
  async foreignDelete(name) {
    await aws.deleteSecret({ SecretId: name });
  },
  metadata: async (name) => JSON.stringify(await aws.describeSecret({ SecretId: name })),
  cutShort: cutsOf((name, send) => open(name, { fetch: send })),
  lacking: {
    describe: (name) => open(name, rights.without.describe),
    write: (name) => open(name, rights.without.write),
    delete: (name) => open(name, rights.without.delete),
    read: (name) => open(name, rights.without.read),
  },
  network: { proxy, open: (name, port) => open(name, { endpoint: `http://127.0.0.1:${port}` }) },
  credentials: () => [rights.all.secretAccessKey],
  refusedNames: ["", "a//b", "/a", "a/", "..", "a/../b", "./a", "a b"],
  names: "restricted",
}));

describeSecretStore(
  "a key of a secret of aws secrets manager",
  () => ({
    open: openKey,
    openDestination: (destination) => open("", destinationOptions(destination)),
    foreignWrite: (name, text) => overwrite(secretOf(name), JSON.stringify({ [name]: text })),
    async foreignDelete(name) {
      await overwrite(secretOf(name), "{}");
    },
    metadata: async (name) => JSON.stringify(await aws.describeSecret({ SecretId: secretOf(name) })),
    cutShort: cutsOf((name, send) => openKey(name, { fetch: send })),
    lacking: {
      describe: (name) => openKey(name, rights.without.describe),
      write: (name) => openKey(name, rights.without.write),
      delete: (name) => openKey(name, rights.without.delete),
      read: { none: "A key is written beside the others of its secret, which have to be read." },
    },
    network: { proxy, open: (name, port) => openKey(name, { endpoint: `http://127.0.0.1:${port}` }) },
    credentials: () => [rights.all.secretAccessKey],
    refusedNames: [""],
  }),
  ["refuses to read without", "describes, writes and deletes without"],
);

describe("a secret of AWS", () => {
  test("keeps the secret before as AWSPREVIOUS, for as long as both work, and one version per write", async () => {
    const name = buildName();
    const first = buildSecret();
    const second = buildSecret(first.apiTokenId);
    await put(open(name), first);
    const { version } = await put(open(name), second);
    expect([await heldIn(name), await heldIn(name, "AWSPREVIOUS")]).toEqual([second.text, first.text]);
    const { VersionIdsToStages = {} } = await aws.describeSecret({ SecretId: name });
    expect(Object.keys(VersionIdsToStages)).toHaveLength(2);
    expect(VersionIdsToStages[version ?? ""]).toContain("AWSCURRENT");
  });

  test("gets one version when the answers to a write get lost and it is sent again", async () => {
    const name = buildName();
    const first = buildSecret();
    await put(open(name), first);
    const lost = new Set<string>();
    const send: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      const call = callOf(init);
      if (call === "DescribeSecret" || lost.has(call)) return answer;
      lost.add(call);
      await answer.body?.cancel();
      throw new TypeError("lost");
    };
    const second = buildSecret(first.apiTokenId);
    await put(open(name, { fetch: send }), second);
    expect([...lost]).toEqual(["PutSecretValue", "UpdateSecretVersionStage", "TagResource"]);
    await expectHolds(open(name), second);
    expect(Object.keys((await aws.describeSecret({ SecretId: name })).VersionIdsToStages ?? {})).toHaveLength(2);
    const created = buildName();
    lost.clear();
    await put(open(created, { fetch: send }), second);
    expect([...lost]).toEqual(["CreateSecret"]);
    await expectHolds(open(created), second);
  });

  test("is left alone by a write that loses to somebody else's, whatever the moment", async () => {
    for (const moment of ["PutSecretValue", "UpdateSecretVersionStage"]) {
      const name = buildName();
      const secret = buildSecret();
      await put(open(name), secret);
      const send: typeof fetch = async (input, init) => {
        if (callOf(init) === moment) await overwrite(name, "theirs");
        return fetch(input, init);
      };
      const error = await refusal(() => put(open(name, { fetch: send }), buildSecret(secret.apiTokenId)));
      expect(error, moment).toMatchObject({ code: "secret_store_conflict", retryable: true });
      expect(await heldIn(name)).toBe("theirs");
      expect(await open(name).describe()).toEqual({ apiTokenId: secret.apiTokenId });
    }
  });

  test("keeps its key, its description and the tags of others; what is created gets the configured key", async () => {
    const name = buildName();
    await aws.createSecret({ Name: name, Description: "of the platform team", Tags: [{ Key: "team", Value: "ci" }] });
    expect(await open(name).describe()).toBeUndefined();
    await put(open(name, { kmsKeyId: "alias/other" }), buildSecret());
    const described = await aws.describeSecret({ SecretId: name });
    expect(described).toMatchObject({ Description: "of the platform team" });
    expect(described.KmsKeyId).toBeUndefined();
    expect(described.Tags).toContainEqual({ Key: "team", Value: "ci" });
    const created = buildName();
    await put(open(created, { kmsKeyId: "alias/ci" }), buildSecret());
    expect((await aws.describeSecret({ SecretId: created })).KmsKeyId).toBe("alias/ci");
  });

  test("can be restored for the configured days after its deletion, and is restored by the next write", async () => {
    const name = buildName();
    const secret = buildSecret();
    await put(open(name), secret);
    expect(await open(name, { recoveryWindowDays: 7 }).delete(secret.apiTokenId)).toBe("deleted");
    const { DeletedDate } = await aws.describeSecret({ SecretId: name });
    expect(((DeletedDate?.getTime() ?? 0) - Date.now()) / 86_400_000).toBeCloseTo(7, 1);
    const next = buildSecret();
    await put(open(name), next);
    await expectHolds(open(name), next);
    expect(await open(name, { recoveryWindowDays: 0 }).delete(next.apiTokenId)).toBe("deleted");
    await expect(aws.describeSecret({ SecretId: name })).rejects.toThrow("find");
  });

  test("of somebody else that is scheduled for deletion is neither restored nor overwritten", async () => {
    const name = buildName();
    await overwrite(name, "theirs");
    await aws.deleteSecret({ SecretId: name });
    expect((await refusal(() => put(open(name), buildSecret()))).code).toBe("secret_store_occupied");
    expect((await aws.describeSecret({ SecretId: name })).DeletedDate).toBeDefined();
  });
});

describe("a key of a secret of AWS", () => {
  test("is written and deleted beside keys of others, which stay as they are", async () => {
    const name = buildName();
    await overwrite(name, JSON.stringify({ database: "theirs", port: 5432 }));
    const store = open(name, { key: "token" });
    expect(await store.describe()).toBeUndefined();
    const secret = buildSecret();
    await put(store, secret);
    expect(JSON.parse((await heldIn(name)) ?? "")).toEqual({ database: "theirs", port: 5432, token: secret.text });
    expect((await refusal(() => put(open(name, { key: "database" }), buildSecret()))).code).toBe(
      "secret_store_occupied",
    );
    expect(await store.delete(secret.apiTokenId)).toBe("deleted");
    expect(JSON.parse((await heldIn(name)) ?? "")).toEqual({ database: "theirs", port: 5432 });
    const { Tags, DeletedDate } = await aws.describeSecret({ SecretId: name });
    expect([Tags, DeletedDate]).toEqual([[], undefined]);
  });

  test("has its label in a tag of its own, as long as AWS has room for it, and takes it along when it is deleted", async () => {
    const name = buildName();
    await overwrite(name, JSON.stringify({ database: "theirs" }));
    const tagsOf = async () => (await aws.describeSecret({ SecretId: name })).Tags?.map(({ Key }) => Key) ?? [];
    const { text, ...owner } = buildSecret();
    await open(name, { key: "token" }).write(text, { ...owner, label: "ci" });
    expect(await tagsOf()).toEqual(["orgtokens:token", "orgtokens.label:token"]);
    expect(await open(name, { key: "token" }).delete(owner.apiTokenId)).toBe("deleted");
    expect(await tagsOf()).toEqual([]);
    const many = Array.from({ length: 49 }, (_, index) => ({ Key: `team-${index}`, Value: "ci" }));
    await aws.tagResource({ SecretId: name, Tags: many });
    for (const key of ["token", "k".repeat(118)]) {
      const place = open(name, { key });
      await place.write(text, { ...owner, label: "ci" });
      expect(await place.describe()).toMatchObject(owner);
      expect(await place.delete(owner.apiTokenId)).toBe("deleted");
    }
  });

  test("is still ours after somebody wrote another key, and drifted after somebody wrote this one", async () => {
    const name = buildName();
    const store = open(name, { key: "token" });
    const secret = buildSecret();
    await put(store, secret);
    await overwrite(name, JSON.stringify({ token: secret.text, other: "new" }));
    await expectHolds(store, secret);
    await overwrite(name, JSON.stringify({ token: "theirs", other: "new" }));
    expect(await store.describe()).toEqual({ apiTokenId: secret.apiTokenId });
  });

  test("is written at the same time as eleven others of the same secret, and none is lost", async () => {
    const name = buildName();
    const secrets = new Map(Array.from({ length: 12 }, (_, index) => [`key ${index}`, buildSecret()]));
    await Promise.all([...secrets].map(([key, secret]) => put(open(name, { key }), secret, { expecting: "absent" })));
    for (const [key, secret] of secrets) await expectHolds(open(name, { key }), secret);
    const [[last, secret] = ["", buildSecret()], ...others] = secrets;
    await Promise.all(others.map(([key, other]) => open(name, { key }).delete(other.apiTokenId)));
    await expectHolds(open(name, { key: last }), secret);
    expect(await open(name, { key: last }).delete(secret.apiTokenId)).toBe("deleted");
    expect((await aws.describeSecret({ SecretId: name })).DeletedDate).toBeDefined();
    const again = buildSecret();
    await put(open(name, { key: "key 3" }), again);
    expect(JSON.parse((await heldIn(name)) ?? "")).toEqual({ "key 3": again.text });
    expect(await open(name, { key: last }).describe()).toBeUndefined();
  });

  test("cannot be in a secret that is no JSON object, nor where numbers would be rounded, nor make it longer than AWS keeps", async () => {
    for (const text of ["plain", "[1]", '"text"', "null", '{"big":12345678901234567890}']) {
      const name = buildName();
      await overwrite(name, text);
      for (const act of [
        (store: SecretStore) => store.checkWritable(),
        (store: SecretStore) => put(store, buildSecret()),
      ])
        expect((await refusal(() => act(open(name, { key: "token" })))).code).toBe("secret_store_occupied");
      expect(await heldIn(name)).toBe(text);
    }
    const name = buildName();
    await overwrite(name, JSON.stringify({ long: "x".repeat(65_500) }));
    const error = await refusal(() => put(open(name, { key: "token" }), buildSecret()));
    expect(error.code).toBe("secret_store_invalid_argument");
  });
});

test("a destination leads back to its place; other URIs lead nowhere", () => {
  for (const place of [
    { region, name: "a/b+c" },
    { region, name: "a", key: "k#y/ü" },
  ]) {
    expect(parseAwsSecretsManagerDestination(awsSecretsManagerDestination(place))).toEqual(place);
  }
  const others = ["aws-secrets-manager://r", "aws-secrets-manager:///a", "aws-secrets-manager://r/a#", "aws-ssm://r/a"];
  for (const other of [...others, "aws-secrets-manager://r/%zz"])
    expect(parseAwsSecretsManagerDestination(other), other).toBeUndefined();
});
