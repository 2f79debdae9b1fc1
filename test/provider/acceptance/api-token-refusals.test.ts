/** What `orgtokens_api_token` refuses, and what a failure leaves behind: nothing usable, and a word on what to do. */
import { existsSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { createBench, declare, unwrap } from "./bench.ts";

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

test.each([
  [
    "two stores",
    'secret_store = { file = { path = "a" }, vault = { mount = "kv", path = "a" } }',
    /Conflicting attributes[\s\S]*secret_store/,
  ],
  ["no store", "secret_store = {}", /Missing attribute[\s\S]*"file"[\s\S]*"vault"/],
  ["a bad duration", 'expires_in = "soon"', /expires_in[\s\S]*is not a duration[\s\S]*90d/],
  ["a duration that is too long", 'rotation_grace_period = "31d"', /rotation_grace_period[\s\S]*from 0s to 30d/],
  ["an unknown role", 'role = "owner"', /role[\s\S]*"developer", "admin"/],
  ["an empty label", 'label = ""', /label[\s\S]*1 to 100 characters/],
  ["a label with control characters", 'label = "a\\tb"', /label[\s\S]*without control characters/],
])("%s is refused by validate, with the place and what to do", async (_, wrong, message) => {
  const it = await createBench(server);
  const attributes = new Map([
    ["label", 'label = "x"'],
    ["role", 'role = "developer"'],
    ["secret_store", 'secret_store = { file = { path = "a" } }'],
  ]);
  attributes.set(wrong.split(" ")[0] ?? "", wrong);
  await it.workspace.write(`resource "orgtokens_api_token" "it" {\n${[...attributes.values()].join("\n")}\n}`);
  const result = await it.workspace.run("validate");
  expect(result.exitCode).toBe(1);
  expect(unwrap(result.output)).toMatch(message);
  expect(result.output).toContain("on main.tf line");
});

test("an unreachable server is named at the endpoint", async () => {
  const it = await createBench(server, { ORGTOKENS_ENDPOINT: undefined });
  await it.workspace.write(
    `provider "orgtokens" {\n  endpoint = "http://127.0.0.1:${await unusedPort()}"\n}\n${declare(it).replace(/provider .*/, "")}`,
  );
  const result = await it.workspace.run("plan", "-input=false");
  expect(result.exitCode).toBe(1);
  expect(unwrap(result.output)).toMatch(/does not answer[\s\S]*endpoint =[\s\S]*ECONNREFUSED[\s\S]*Check "endpoint"/);
});

test("a refused and a Developer token are named at api_token, and never shown", async () => {
  const it = await createBench(server, { ORGTOKENS_API_TOKEN: undefined });
  const developer = await server.admin.createApiToken({ label: "developer", role: "developer" });
  const revoked = await server.admin.createApiToken({ label: "revoked", role: "admin" });
  await server.admin.revokeApiToken(revoked.id);
  for (const [token, message] of [
    [revoked.token, /The token is revoked[\s\S]*api_token =[\s\S]*live Admin token/],
    [developer.token, /may not administer[\s\S]*api_token =[\s\S]*to an Admin token/],
  ] as const) {
    await it.workspace.write(`
      variable "token" { sensitive = true }
      ${declare(it).replace('provider "orgtokens" {', 'provider "orgtokens" {\n api_token = var.token\n').replace('" }', '"\n}')}`);
    const result = await it.workspace.run("plan", "-input=false", `-var=token=${token}`);
    expect(result.exitCode).toBe(1);
    expect(unwrap(result.output)).toMatch(message);
    expect(result.output).not.toContain(token);
  }
});

test("without a token the provider says where to set one", async () => {
  const it = await createBench(server, { ORGTOKENS_API_TOKEN: undefined });
  await it.workspace.write(declare(it));
  const result = await it.workspace.run("plan", "-input=false");
  expect(unwrap(result.output)).toMatch(/Missing api_token[\s\S]*ORGTOKENS_API_TOKEN/);
});

test.each([
  ["an endpoint without scheme", { ORGTOKENS_ENDPOINT: "tokens.example.com" }, /Invalid value for endpoint/],
  ["plain http to another machine", { ORGTOKENS_ENDPOINT: "http://tokens.example.com" }, /for endpoint[\s\S]*https/],
  ["a token with a line feed", { ORGTOKENS_API_TOKEN: "tok_withlinefeed\n" }, /Invalid value for api_token/],
])("%s in the environment is named as the attribute it stands in for, and never shown", async (_, wrong, message) => {
  const it = await createBench(server, wrong);
  await it.workspace.write(declare(it));
  const result = await it.workspace.run("plan", "-input=false");
  expect(result.exitCode).toBe(1);
  expect(unwrap(result.output)).toMatch(message);
  expect(unwrap(result.output)).toMatch(/Correct the environment variable ORGTOKENS_/);
  expect(result.output).not.toContain("withlinefeed");
});

test("a store that refuses the secret leaves nothing usable behind, and says which attribute to correct", async () => {
  const it = await createBench(server);
  await mkdir(join(it.folder, "secret"));
  await it.workspace.write(declare(it));
  const result = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(result.exitCode).toBe(1);
  expect(unwrap(result.output)).toMatch(/secret store refused[\s\S]*secret_store[\s\S]*in the place of the file/);
  expect(await it.liveTokens()).toEqual([]);
  await rm(join(it.folder, "secret"), { recursive: true });
  await it.workspace.apply();
  expect(await server.answer(await it.secret())).toBe("accepted");
});

test("a file that orgtokens did not write is never overwritten", async () => {
  const it = await createBench(server);
  await writeFile(join(it.folder, "secret"), "precious");
  await chmod(join(it.folder, "secret"), 0o644);
  await it.workspace.write(declare(it));
  const result = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(unwrap(result.output)).toMatch(/did not write\. Choose another place/);
  expect(await it.secret()).toBe("precious");
  expect(await it.liveTokens()).toEqual([]);
});

test("a place that another live token has is refused with the command that imports it", async () => {
  const it = await createBench(server);
  await server.admin.createApiToken({ label: "other", role: "developer", destination: `file://${it.folder}/secret` });
  await it.workspace.write(declare(it));
  const result = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(unwrap(result.output)).toMatch(/was not delivered[\s\S]*secret_store[\s\S]*import it by this id/);
  expect(existsSync(join(it.folder, "secret"))).toBe(false);
});

async function unusedPort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const at = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof at === "object" && at !== null ? at.port : 0;
}
