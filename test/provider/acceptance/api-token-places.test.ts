/** Places that two resources, or two working directories, mean at once: real Terraform, a real server, real files. */
import { existsSync } from "node:fs";
import { copyFile, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, type Bench, createBench, declare, unwrap } from "./bench.ts";

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

test("of two working directories with one place, the second is told whose it is", async () => {
  const [first, second] = [await createBench(server), await createBench(server)];
  await first.workspace.write(declare(first));
  await first.workspace.apply();
  const [owner] = await first.liveTokens();
  await second.workspace.write(declare(second, "", { store: `{ file = { path = "${first.folder}/secret" } }` }));
  const applied = await second.workspace.run("apply", "-auto-approve", "-input=false");
  expect(applied.exitCode).toBe(1);
  const said = unwrap(applied.output);
  expect(said).toContain("The secret was not delivered");
  expect(said).toContain(`token "token of ${first.folder}" (${owner?.id}), which "${first.folder}" manages`);
  expect(said).toMatch(/secret_store =[\s\S]*import it by this id[\s\S]*destination_in_use, request \S+\)/);
  expect(await server.answer(await first.secret())).toBe("accepted");
  expect(await first.workspace.isSettled()).toBe(true);
});

test("two working directories on one organization do not disturb each other", async () => {
  const [first, second] = [await createBench(server), await createBench(server)];
  for (const it of [first, second]) await it.workspace.write(declare(it, "count = 2", numbered(it)));
  await Promise.all([first.workspace.apply(), second.workspace.apply()]);
  expect(await Promise.all([first.workspace.isSettled(), second.workspace.isSettled()])).toEqual([true, true]);
  const secret = await first.secret("0");
  await second.workspace.destroy();
  expect(await second.liveTokens()).toEqual([]);
  expect(await server.answer(secret)).toBe("accepted");
  expect(await first.workspace.isSettled()).toBe(true);
});

test("a label that another live token has is created, with a warning at the label", async () => {
  const [first, second] = [await createBench(server), await createBench(server)];
  const label = `shared ${first.folder}`;
  await first.workspace.write(declare(first, "", { label }));
  expect(unwrap((await first.workspace.apply()).output)).not.toContain("has this label");
  await second.workspace.write(declare(second, "", { label }));
  const applied = await second.workspace.apply();
  expect(unwrap(applied.output)).toMatch(/Another live token has this label[\s\S]*label =[\s\S]*label_in_use/);
});

function numbered({ folder }: Bench): { readonly store: string } {
  return { store: `{ file = { path = "${folder}/\${count.index}" } }` };
}
