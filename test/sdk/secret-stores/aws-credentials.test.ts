/** As whom the stores of AWS are reached: each way that AWS's own tools have, and what is said when it leads nowhere. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { inspect } from "node:util";
import { type AwsAccess, openAwsSecretsManagerSecretStore } from "@orgtokens/sdk/secret-stores";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { refusal } from "../../conformance/secret-stores.ts";
import { type AwsDouble, startAwsDouble } from "../../support/aws-double.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const region = "eu-central-1";
const keys = { accessKeyId: "EXPLICIT", secretAccessKey: "x" };
const keysOfEnvironment = { AWS_ACCESS_KEY_ID: "ENVIRONMENT", AWS_SECRET_ACCESS_KEY: "x" };
let aws: AwsDouble;
let folder: string;

/** Nothing of the machine's own set-up counts; the SDK keeps what it reads of files, so each test has its own. */
beforeEach(async () => {
  folder = await temporaryFolder();
  aws = await startAwsDouble();
  onTestFinished(() => {
    aws.close();
    vi.unstubAllEnvs();
  });
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries({
    HOME: folder,
    AWS_SHARED_CREDENTIALS_FILE: join(folder, "credentials"),
    AWS_CONFIG_FILE: join(folder, "config"),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ENDPOINT_URL: aws.address,
  }))
    vi.stubEnv(name, value);
});

function setEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

async function describeAs(access: AwsAccess = {}): Promise<void> {
  const store = openAwsSecretsManagerSecretStore({ region, name: "ci/x", ...access });
  await store.describe().finally(() => store.close());
}

const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

/** A profile with its own access key, one that assumes a role by it, and one whose keys a program prints. */
async function writeProfiles(): Promise<void> {
  const print = `console.log(JSON.stringify({ Version: 1, AccessKeyId: "PROCESS", SecretAccessKey: "x" }))`;
  await writeFile(join(folder, "print.mjs"), print);
  const profiles = {
    ci: ["aws_access_key_id = PROFILE", "aws_secret_access_key = x"],
    deploy: [`role_arn = ${roleArn("of-profile")}`, "source_profile = ci"],
    process: [`credential_process = ${process.execPath} ${join(folder, "print.mjs")}`],
    broken: [`credential_process = ${process.execPath} -e console.log('canary');process.exit(1)`],
  };
  const lines = Object.entries(profiles).map(([name, own]) => `[${name}]\n${own.join("\n")}\n`);
  await writeFile(join(folder, "credentials"), lines.join("\n"));
}

test.each<[string, AwsAccess, Readonly<Record<string, string>>, string]>([
  ["an explicit access key, whatever the environment says", keys, keysOfEnvironment, "EXPLICIT"],
  ["the environment", {}, keysOfEnvironment, "ENVIRONMENT"],
  ["an explicit profile, whatever the environment says", { profile: "ci" }, keysOfEnvironment, "PROFILE"],
  ["the environment's profile", {}, { AWS_PROFILE: "ci" }, "PROFILE"],
  ["a profile that assumes a role", { profile: "deploy" }, {}, "ROLE-of-profile"],
  ["a profile whose keys a program prints", { profile: "process" }, {}, "PROCESS"],
  ["a role assumed by the environment", { roleArn: roleArn("own") }, keysOfEnvironment, "ROLE-own"],
])("a call is signed by %s", async (_, access, environment, caller) => {
  await writeProfiles();
  setEnvironment(environment);
  await describeAs(access);
  expect(aws.callers).toEqual([caller]);
});

test("an explicit role is assumed by the explicit key or profile, whatever the environment says", async () => {
  await writeProfiles();
  setEnvironment(keysOfEnvironment);
  await describeAs({ profile: "ci", roleArn: roleArn("own") });
  await describeAs({ ...keys, roleArn: roleArn("own") });
  await describeAs({ roleArn: roleArn("own") });
  expect(aws.askers).toEqual(["PROFILE", "EXPLICIT", "ENVIRONMENT"].map((key) => `AssumeRole with ${key}`));
  expect(aws.callers).toEqual(["ROLE-own", "ROLE-own", "ROLE-own"]);
});

test("a workload proves itself by its identity token, as on EKS and in GitHub Actions", async () => {
  const file = join(folder, "token");
  await writeFile(file, "token-of-the-workload");
  setEnvironment({ AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: roleArn("workload") });
  await describeAs();
  expect(aws.askers).toEqual(["AssumeRoleWithWebIdentity with token-of-the-workload"]);
  expect(aws.callers).toEqual(["ROLE-workload"]);
});

test("a container and an instance give the keys of their roles", async () => {
  setEnvironment({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.address}/keys`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "token-of-the-container",
  });
  await describeAs();
  vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", undefined);
  setEnvironment({ AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.address });
  await describeAs();
  expect(aws.callers).toEqual(["CONTAINER", "INSTANCE"]);
  expect(aws.askers[0]).toBe("container with token-of-the-container");
  expect(aws.askers.at(-1)).toBe("instance with token of the instance");
});

/** The files of a profile that signs in with single sign-on, and of the session that `aws sso login` leaves. */
async function signIn(expiresAt: Date): Promise<void> {
  const session = ["[sso-session corp]", "sso_start_url = https://corp.example.com", `sso_region = ${region}`];
  const profile = ["[profile sso]", "sso_session = corp", "sso_account_id = 123456789012", "sso_role_name = ci"];
  await writeFile(join(folder, "config"), [...session, ...profile, ""].join("\n"));
  const cache = join(folder, ".aws", "sso", "cache");
  await mkdir(cache, { recursive: true });
  const name = createHash("sha1").update("corp").digest("hex");
  const token = { accessToken: "canary-token-of-the-session", expiresAt };
  await writeFile(join(cache, `${name}.json`), JSON.stringify(token));
}

test("a profile signs in with single sign-on; once the session has expired, signing in again is advised", async () => {
  await signIn(new Date(Date.now() + 3_600_000));
  await describeAs({ profile: "sso" });
  expect(aws.askers).toEqual(["sso with canary-token-of-the-session"]);
  expect(aws.callers).toEqual(["SSO"]);
  await signIn(new Date(Date.now() - 3_600_000));
  const error = await refusal(() => describeAs({ profile: "sso" }));
  expect(error).toMatchObject({ code: "secret_store_refused", retryable: false });
  expect(error.message).toContain("aws sso login");
  expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("canary");
});

test("credentials that nobody has are asked for by name, and nothing of what was found is quoted", async () => {
  await writeProfiles();
  for (const access of [{}, { profile: "canary" }, { profile: "broken" }]) {
    const error = await refusal(() => describeAs(access));
    expect(error).toMatchObject({ code: "secret_store_refused", retryable: false });
    expect(error.message).toContain("No credentials for AWS");
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("canary");
  }
});

test("a role that may not be assumed is told from a call that may not be made", async () => {
  setEnvironment(keysOfEnvironment);
  aws.refuseCredentials("AccessDenied");
  const error = await refusal(() => describeAs({ roleArn: roleArn("own") }));
  expect(error.code).toBe("secret_store_refused");
  expect(error.message).toMatch(/refused to give credentials \(AccessDenied\).*trust policy/);
  expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("canary");
  expect(aws.callers).toEqual([]);
});

test("what gives credentials and cannot be reached is retryable; later the same handle works", async () => {
  setEnvironment({ ...keysOfEnvironment, AWS_ENDPOINT_URL_STS: "http://127.0.0.1:1" });
  const store = openAwsSecretsManagerSecretStore({ region, name: "ci/x", roleArn: roleArn("own") });
  const error = await refusal(() => store.describe());
  expect(error).toMatchObject({ code: "secret_store_unreachable", retryable: true });
  await store.close();
  aws.refuseCredentials("ThrottlingException");
  vi.stubEnv("AWS_ENDPOINT_URL_STS", undefined);
  const second = openAwsSecretsManagerSecretStore({ region, name: "ci/x", roleArn: roleArn("own") });
  expect((await refusal(() => second.describe())).code).toBe("secret_store_unreachable");
  aws.refuseCredentials(undefined);
  expect(await second.describe()).toBeUndefined();
  await second.close();
});

test("a caller who gives up does not wait for what gives credentials", async () => {
  const asked = Promise.withResolvers<void>();
  const deaf: typeof fetch = () => {
    asked.resolve();
    return new Promise(() => {});
  };
  setEnvironment(keysOfEnvironment);
  const store = openAwsSecretsManagerSecretStore({ region, name: "x", roleArn: roleArn("own"), fetch: deaf });
  const [abort, reason] = [new AbortController(), new Error("enough")];
  const call = store.describe({ signal: abort.signal });
  await asked.promise;
  const abortedAt = performance.now();
  abort.abort(reason);
  await expect(call).rejects.toBe(reason);
  // A driver that does not end by itself is waited for, for 5 s.
  expect(performance.now() - abortedAt).toBeLessThan(4000);
});

test("an explicit endpoint wins over the environment's, and the one of the service over the one of all", async () => {
  setEnvironment({ ...keysOfEnvironment, AWS_ENDPOINT_URL: "http://127.0.0.1:1" });
  await describeAs({ endpoint: aws.address });
  setEnvironment({ AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.address });
  await describeAs();
  expect(aws.callers).toEqual(["ENVIRONMENT", "ENVIRONMENT"]);
});
