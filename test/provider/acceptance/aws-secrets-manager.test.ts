/** `orgtokens_api_token` with AWS Secrets Manager as its store: moto, real Terraform. */
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Moto, startMoto } from "../../support/moto.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, type Bench, createBench, declare, unwrap } from "./bench.ts";

// Terraform takes seconds, and moto is fetched once per machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

let server: ServerProcess;
let moto: Moto;
let aws: SecretsManager;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  [server, moto] = await Promise.all([startServer(serverFolder), startMoto()]);
  aws = new SecretsManager({ region: "eu-central-1", endpoint: moto.endpoint, credentials: moto.credentials });
});

afterAll(async () => {
  aws.destroy();
  await Promise.all([server.close(), moto.close()]);
  await rm(serverFolder, { recursive: true, force: true });
});

type AwsBench = Bench & { readonly name: string; readonly store: string; readonly stored: () => Promise<string> };

async function createAwsBench(environment: NodeJS.ProcessEnv = {}): Promise<AwsBench> {
  const bench = await createBench(server, { ...moto.environment, ...environment });
  const name = `acceptance/${bench.folder.split("/").at(-1)}`;
  return {
    ...bench,
    name,
    store: `{ aws_secrets_manager = { region = "eu-central-1", name = "${name}" } }`,
    stored: async () => (await aws.getSecretValue({ SecretId: name, VersionStage: "AWSCURRENT" })).SecretString ?? "",
  };
}

/** A declaration whose provider block says how AWS is reached. */
function withAccess(declaration: string, access: string): string {
  const stores = `secret_stores = { aws = { ${access} } }`;
  return declaration.replace(/provider "orgtokens" \{ (.*) \}/, `provider "orgtokens" {\n$1\n${stores}\n}`);
}

test.each([
  ["was deleted", (name: string) => aws.deleteSecret({ SecretId: name })],
  ["was deleted for good", (name: string) => aws.deleteSecret({ SecretId: name, ForceDeleteWithoutRecovery: true })],
  ["was overwritten", (name: string) => aws.putSecretValue({ SecretId: name, SecretString: "other" })],
])("a stored secret that %s is found from metadata, and the next apply puts a working one there", async (_, damage) => {
  const it = await createAwsBench();
  await it.workspace.write(declare(it, "", { store: it.store }));
  await it.workspace.apply();
  expect(await it.workspace.isSettled()).toBe(true);
  const old = await it.stored();
  await damage(it.name);
  expect(await it.workspace.isSettled()).toBe(false);
  await it.workspace.apply();
  expect(await it.stored()).not.toBe(old);
  expect(await server.answer(await it.stored())).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a rotation keeps the old secret as AWSPREVIOUS, and both work for the grace period", async () => {
  const it = await createAwsBench();
  const grace = 'rotation_grace_period = "1h"';
  await it.workspace.write(declare(it, `rotate_when_changed = { n = "1" }\n${grace}`, { store: it.store }));
  await it.workspace.apply();
  const old = await it.stored();
  await it.workspace.write(declare(it, `rotate_when_changed = { n = "2" }\n${grace}`, { store: it.store }));
  await it.workspace.apply();
  const previous = await aws.getSecretValue({ SecretId: it.name, VersionStage: "AWSPREVIOUS" });
  expect(previous.SecretString).toBe(old);
  expect([await server.answer(old), await server.answer(await it.stored())]).toEqual(["accepted", "accepted"]);
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a secret moves from a file into a key of a JSON secret and back; the file, then the key, are gone, other keys stay", async () => {
  const it = await createAwsBench();
  await aws.createSecret({ Name: it.name, SecretString: '{"database":"theirs"}' });
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const id = (await it.workspace.attributes(address))?.["id"];
  const store = it.store.replace(" } }", ', key = "token" } }');
  await it.workspace.write(declare(it, "", { store }));
  await it.workspace.apply();
  const held = JSON.parse(await it.stored());
  expect(await server.answer(held.token)).toBe("accepted");
  expect(existsSync(join(it.folder, "secret"))).toBe(false);
  const destination = `aws-secrets-manager://eu-central-1/${it.name}#token`;
  expect(await it.workspace.attributes(address)).toMatchObject({ id, destination });
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  expect(await it.stored()).toBe('{"database":"theirs"}');
  expect(await server.answer(await it.secret())).toBe("accepted");
  await it.workspace.destroy();
});

test("a destroyed token's secret is scheduled for deletion, and the same declaration gets its place back", async () => {
  const it = await createAwsBench();
  await it.workspace.write(declare(it, "", { store: it.store }));
  await it.workspace.apply();
  await it.workspace.destroy();
  expect((await aws.describeSecret({ SecretId: it.name })).DeletedDate).toBeDefined();
  await it.workspace.apply();
  expect(await server.answer(await it.stored())).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
});

test("credentials come from a profile, or from a role to assume; explicit ones win over the environment", async () => {
  const [wrong, { accessKeyId, secretAccessKey }] = [
    { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
    moto.credentials,
  ];
  const it = await createAwsBench(wrong);
  const file = join(it.folder, "credentials");
  await writeFile(file, `[ci]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`);
  const role = 'role_arn = "arn:aws:iam::123456789012:role/ci", external_id = "x"';
  const keys = `access_key_id = "${accessKeyId}", secret_access_key = "${secretAccessKey}"`;
  for (const access of ['profile = "ci"', `profile = "ci", ${role}`, keys, `${keys}, ${role}`]) {
    const one = await createAwsBench({ ...wrong, AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: "/nowhere" });
    await one.workspace.write(withAccess(declare(one, "", { store: one.store }), access));
    await one.workspace.apply();
    expect(await server.answer(await one.stored()), access).toBe("accepted");
  }
  await it.workspace.write(declare(it, "", { store: it.store }));
  const result = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(result.exitCode).toBe(1);
  expect(unwrap(result.output)).toMatch(/secret_store =[\s\S]*No credentials for AWS were found/);
  expect(await it.liveTokens()).toEqual([]);
});

test("a place that cannot be is refused offline, and what is missing of an access key is said", async () => {
  const it = await createAwsBench();
  for (const place of ['region = "Frankfurt", name = "a"', 'region = "eu-central-1", name = "a b"']) {
    await it.workspace.write(declare(it, "", { store: `{ aws_secrets_manager = { ${place} } }` }));
    const result = await it.workspace.run("validate");
    expect(result.exitCode, result.output).toBe(1);
  }
  await it.workspace.write(withAccess(declare(it, "", { store: it.store }), 'access_key_id = "x"'));
  const result = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(unwrap(result.output)).toMatch(/access key of AWS is two parts/);
});
