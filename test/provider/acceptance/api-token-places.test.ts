/** Places that two resources, or two working directories, mean at once: real Terraform, a real server, real files. */
import { existsSync } from "node:fs";
import { copyFile, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, createBench, declare, unwrap } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000 });

let server: ServerProcess;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  server = await startServer(serverFolder);
});

afterAll(async () => {
  await server.close();
  await rm(serverFolder, { recursive: true, force: true });
});

test("a replacement that is created first adopts the token of its place, and the destroy after it leaves that alive", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, "lifecycle { create_before_destroy = true }"));
  await it.workspace.apply();
  const secret = await it.secret();
  const replaced = await it.workspace.apply(`-replace=${address}`);
  expect(unwrap(replaced.output)).toMatch(/not revoked: another resource has it now[\s\S]*token was adopted/);
  expect(await it.secret()).toBe(secret);
  expect(await server.answer(secret)).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
});

test("of two resources with one place the second is refused, and takes nothing from the first", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, "count = 2"));
  const applied = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(applied.exitCode).toBe(1);
  expect(unwrap(applied.output)).toMatch(/Two resources have the same secret store[\s\S]*a place of its own/);
  const shown = await it.workspace.run("state", "list");
  expect(shown.output.trim().split("\n")).toHaveLength(1);
  expect(await it.liveTokens()).toHaveLength(1);
  expect(await server.answer(await it.secret())).toBe("accepted");
});

test("a relative path in another working directory is another place: the secret moves there and stays", async () => {
  const it = await createBench(server);
  const elsewhere = await createBench(server);
  const declared = declare(it, "", { store: '{ file = { path = "secrets/ci" } }' });
  await it.workspace.write(declared);
  await it.workspace.apply();
  await copyFile(join(it.workspace.folder, "terraform.tfstate"), join(elsewhere.workspace.folder, "terraform.tfstate"));
  await elsewhere.workspace.write(declared);
  await elsewhere.workspace.apply();
  const moved = await readFile(join(elsewhere.workspace.folder, "secrets/ci"), "utf8");
  expect(await server.answer(moved)).toBe("accepted");
  expect(existsSync(join(it.workspace.folder, "secrets/ci"))).toBe(false);
  expect(await elsewhere.workspace.isSettled()).toBe(true);
});
