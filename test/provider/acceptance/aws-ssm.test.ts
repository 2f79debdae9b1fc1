/** `orgtokens_api_token` with AWS Systems Manager Parameter Store as its store: moto, real Terraform. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { SSM } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Moto, startMoto } from "../../support/moto.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, createBench, declare } from "./bench.ts";

// Terraform takes seconds, and moto is fetched once per machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

let server: ServerProcess;
let moto: Moto;
let aws: SSM;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  [server, moto] = await Promise.all([startServer(serverFolder), startMoto()]);
  aws = new SSM({ region: "eu-central-1", endpoint: moto.endpoint, credentials: moto.credentials });
});

afterAll(async () => {
  aws.destroy();
  await Promise.all([server.close(), moto.close()]);
  await rm(serverFolder, { recursive: true, force: true });
});

async function createSsmBench() {
  const bench = await createBench(server, moto.environment);
  const Name = `/acceptance/${bench.folder.split("/").at(-1)}`;
  return {
    ...bench,
    name: Name,
    store: `{ aws_ssm = { region = "eu-central-1", path = "${Name}" } }`,
    stored: async () => (await aws.getParameter({ Name, WithDecryption: true })).Parameter?.Value ?? "",
  };
}

test.each([
  ["was deleted", (Name: string) => aws.deleteParameter({ Name })],
  [
    "was overwritten",
    (Name: string) => aws.putParameter({ Name, Value: "other", Type: "SecureString", Overwrite: true }),
  ],
])("a stored secret that %s is found from metadata, and the next apply puts a working one there", async (_, damage) => {
  const it = await createSsmBench();
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

test("a secret moves from a file into a parameter, is rotated there, and moves back; what it leaves is gone", async () => {
  const it = await createSsmBench();
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const id = (await it.workspace.attributes(address))?.["id"];
  await it.workspace.write(declare(it, 'rotate_when_changed = { n = "1" }', { store: it.store }));
  await it.workspace.apply();
  const first = await it.stored();
  expect(await server.answer(first)).toBe("accepted");
  expect(existsSync(join(it.folder, "secret"))).toBe(false);
  const destination = `aws-ssm://eu-central-1${it.name}`;
  expect(await it.workspace.attributes(address)).toMatchObject({ id, destination });
  await it.workspace.write(declare(it, 'rotate_when_changed = { n = "2" }', { store: it.store }));
  await it.workspace.apply();
  expect(await it.stored()).not.toBe(first);
  expect(await server.answer(await it.stored())).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.write(declare(it, 'rotate_when_changed = { n = "2" }'));
  await it.workspace.apply();
  await expect(it.stored()).rejects.toThrow("not found");
  expect(await server.answer(await it.secret())).toBe("accepted");
  await it.workspace.destroy();
});

test("a path that AWS keeps for itself is refused offline", async () => {
  const it = await createSsmBench();
  for (const path of ["/aws/x", "ssm-x", "a//b", "a b"]) {
    await it.workspace.write(declare(it, "", { store: `{ aws_ssm = { region = "eu-central-1", path = "${path}" } }` }));
    const { exitCode, output } = await it.workspace.run("validate");
    expect(exitCode, path).toBe(1);
    expect(output).toContain("Invalid value for secret_store.aws_ssm.path");
  }
});
