/** A secret of AWS that a platform team prepared, labels, rotates or replicates: what of it is theirs stays theirs. */
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import {
  type AwsSecretsManagerSecretStoreOptions,
  openAwsSecretsManagerSecretStore,
  type SecretStore,
} from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { buildName, buildSecret, expectHolds, put, refusal } from "../../conformance/secret-stores.ts";
import { type Moto, startMoto } from "../../support/moto.ts";
import { overwriteSecret } from "../../support/overwrite-secret.ts";

const region = "eu-central-1";
// moto is one process for everything.
vi.setConfig({ testTimeout: 60_000 });

let moto: Moto;
let aws: SecretsManager;

beforeAll(async () => {
  moto = await startMoto();
  aws = new SecretsManager({ region, endpoint: moto.endpoint, credentials: moto.credentials });
}, 330_000);

afterAll(async () => {
  aws.destroy();
  await moto.close();
});

function open(name: string, options: Partial<AwsSecretsManagerSecretStoreOptions> = {}): SecretStore {
  const { endpoint, credentials } = moto;
  return openAwsSecretsManagerSecretStore({ region, name, endpoint, ...credentials, ...options });
}

async function stagesOf(name: string): Promise<Readonly<Record<string, readonly string[]>>> {
  return (await aws.describeSecret({ SecretId: name })).VersionIdsToStages ?? {};
}

/** Every text that the versions with a label hold. */
async function textsOf(name: string): Promise<readonly (string | undefined)[]> {
  const versions = Object.entries(await stagesOf(name)).filter(([, stages]) => stages.length > 0);
  return Promise.all(
    versions.map(async ([VersionId]) => (await aws.getSecretValue({ SecretId: name, VersionId })).SecretString),
  );
}

test("a prepared secret outlives the token, with nothing of ours in it, and takes the next token", async () => {
  const name = buildName();
  const store = open(name);
  await aws.createSecret({ Name: name, Tags: [{ Key: "team", Value: "ci" }], KmsKeyId: "alias/theirs" });
  const [first, other] = [buildSecret(), buildSecret()];
  const second = buildSecret(first.apiTokenId);
  await put(store, first);
  await put(store, second);
  expect(await store.delete(other.apiTokenId)).toBe("not_ours");
  expect(await store.delete(first.apiTokenId)).toBe("deleted");
  expect(await store.delete(first.apiTokenId)).toBe("absent");
  const kept = await aws.describeSecret({ SecretId: name });
  expect(kept).toMatchObject({
    KmsKeyId: "alias/theirs",
    Tags: expect.arrayContaining([{ Key: "team", Value: "ci" }]),
  });
  expect(kept.DeletedDate).toBeUndefined();
  expect(await textsOf(name)).not.toContain(second.text);
  expect([await store.describe(), await store.read()]).toEqual([undefined, undefined]);
  await store.checkWritable();
  await put(store, other, { expecting: "absent" });
  await expectHolds(store, other);
});

test("a prepared secret that somebody filled after the token's deletion, or instead of it, is theirs", async () => {
  for (const isDeletedFirst of [true, false]) {
    const name = buildName();
    const store = open(name);
    await aws.createSecret({ Name: name });
    const secret = buildSecret();
    await put(store, secret);
    if (isDeletedFirst) await store.delete(secret.apiTokenId);
    await overwriteSecret(aws, name, "theirs");
    if (!isDeletedFirst) expect(await store.delete(secret.apiTokenId)).toBe("deleted");
    expect(await store.describe()).toEqual({});
    expect((await refusal(() => put(store, buildSecret()))).code).toBe("secret_store_occupied");
    expect(await store.read()).toBe("theirs");
  }
});

test("a key can be kept in a prepared secret after a whole one was, and later keys of others stay", async () => {
  const name = buildName();
  await aws.createSecret({ Name: name });
  const [whole, one, two] = [buildSecret(), buildSecret(), buildSecret()];
  await put(open(name), whole);
  await open(name).delete(whole.apiTokenId);
  await put(open(name, { key: "one" }), one);
  await put(open(name, { key: "two" }), two);
  await expectHolds(open(name, { key: "one" }), one);
  await expectHolds(open(name, { key: "two" }), two);
  expect(await open(name).describe()).toEqual({});
});

test("labels of others stay on the versions that they are on, AWSPENDING of a rotation under way too", async () => {
  const name = buildName();
  const secret = buildSecret();
  const store = open(name);
  const { version = "" } = await put(store, secret);
  const pending = await aws.putSecretValue({ SecretId: name, SecretString: "x", VersionStages: ["AWSPENDING"] });
  await aws.updateSecretVersionStage({ SecretId: name, VersionStage: "AUDITED", MoveToVersionId: version });
  await expectHolds(store, secret);
  const next = buildSecret(secret.apiTokenId);
  const after = await put(store, next);
  await expectHolds(store, next);
  const stages = await stagesOf(name);
  expect(stages[version]).toEqual(expect.arrayContaining(["AUDITED", "AWSPREVIOUS"]));
  expect(stages[pending.VersionId ?? ""]).toEqual(["AWSPENDING"]);
  expect(stages[after.version ?? ""]).toContain("AWSCURRENT");
});

test("a replica is not written, and the region to write in is named; a secret with replicas is emptied, not deleted", async () => {
  const name = buildName();
  const secret = buildSecret();
  await put(open(name), secret);
  await aws.replicateSecretToRegions({ SecretId: name, AddReplicaRegions: [{ Region: "eu-west-1" }] });
  const replica = open(name, { region: "eu-west-1" });
  for (const act of [() => replica.checkWritable(), () => put(replica, buildSecret(secret.apiTokenId))]) {
    const error = await refusal(act);
    expect(error.code).toBe("secret_store_invalid_argument");
    expect(error.message).toContain("eu-central-1");
  }
  expect(await open(name).delete(secret.apiTokenId)).toBe("deleted");
  expect((await aws.describeSecret({ SecretId: name })).DeletedDate).toBeUndefined();
  expect(await textsOf(name)).not.toContain(secret.text);
  expect(await open(name).describe()).toBeUndefined();
});
