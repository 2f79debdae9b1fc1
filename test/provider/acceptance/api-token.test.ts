/** `orgtokens_api_token` as a practitioner meets it: real Terraform, a real server, real files. */
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { createWorkspace, type Workspace } from "../../support/terraform.ts";

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

type Bench = { readonly workspace: Workspace; readonly folder: string; readonly secret: (name?: string) => Promise<string> };

async function bench(environment: NodeJS.ProcessEnv = {}): Promise<Bench> {
  const folder = await temporaryFolder();
  const workspace = await createWorkspace({
    folder,
    environment: { ORGTOKENS_ENDPOINT: server.endpoint, ORGTOKENS_API_TOKEN: server.adminToken, ...environment },
  });
  return { workspace, folder, secret: (name = "secret") => readFile(join(folder, name), "utf8") };
}

/** A declaration of one token; `more` is added to its block. */
function declare({ folder }: Bench, more = "", options: { readonly label?: string; readonly store?: string } = {}): string {
  const { label = `token of ${folder}`, store = `{ file = { path = "${folder}/secret" } }` } = options;
  return `
    provider "orgtokens" { managed_by = "${folder}" }
    resource "orgtokens_api_token" "it" {
      label        = "${label}"
      secret_store = ${store}
      ${/\brole\b/.test(more) ? "" : 'role = "developer"'}
      ${more}
    }`;
}

const address = "orgtokens_api_token.it";

async function liveTokens({ folder }: Bench) {
  const { tokens } = await server.admin.listApiTokens({ managedBy: folder });
  return tokens;
}

test("a created token is live, its secret is in the file alone, and a second plan is empty", async () => {
  const it = await bench({ TF_LOG: "trace", TF_LOG_PATH: "trace.log" });
  await it.workspace.write(declare(it, 'description = "From HCL."\n expires_in = "90d"'));
  const planned = await it.workspace.run("plan", "-input=false", "-out=plan.tfplan");
  expect(planned.output).toContain("1 to add");
  const applied = await it.workspace.apply("plan.tfplan");
  const secret = await it.secret();
  expect(await server.answer(secret)).toBe("accepted");
  expect((await stat(join(it.folder, "secret"))).mode & 0o777).toBe(0o600);
  expect(await it.workspace.isSettled()).toBe(true);
  const [token, ...others] = await liveTokens(it);
  expect(others).toEqual([]);
  expect(await it.workspace.attributes(address)).toMatchObject({
    id: token?.id,
    status: "active",
    description: "From HCL.",
    destination: `file://${it.folder}/secret`,
    fingerprint: token?.fingerprint,
    stored_fingerprint: token?.fingerprint,
    created_by: "ada@test.example",
    expires_at: token?.expiresAt,
  });
  const shown = await it.workspace.run("show", "-json", "plan.tfplan");
  const places = new Map([
    ...(await it.workspace.files()),
    ["output of apply", Buffer.from(applied.output)] as const,
    ["plan as JSON", Buffer.from(shown.output)] as const,
    ["log of the server", Buffer.from(server.log())] as const,
  ]);
  expect(places.size).toBeGreaterThan(5);
  expect([...places].filter(([, content]) => content.includes(secret)).map(([place]) => place)).toEqual([]);
});

test("label, description and expiry change in place, without touching the secret", async () => {
  const it = await bench();
  await it.workspace.write(declare(it, 'description = "One"\n expires_in = "30d"'));
  await it.workspace.apply();
  const secret = await it.secret();
  const before = await it.workspace.attributes(address);
  await it.workspace.write(declare(it, 'expires_in = "60d"', { label: `renamed ${it.folder}` }));
  const applied = await it.workspace.apply();
  expect(applied.output).toContain("0 added, 1 changed, 0 destroyed");
  const after = await it.workspace.attributes(address);
  expect(after).toMatchObject({ id: before?.["id"], label: `renamed ${it.folder}`, description: null, fingerprint: before?.["fingerprint"] });
  expect(Date.parse(String(after?.["expires_at"])) - Date.parse(String(before?.["expires_at"]))).toBeGreaterThan(29 * 86_400_000);
  expect(await it.secret()).toBe(secret);
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.write(declare(it, "", { label: `renamed ${it.folder}` }));
  await it.workspace.apply();
  expect(await it.workspace.attributes(address)).toMatchObject({ expires_at: null });
});

test("a trigger rotates in place, and the old secret works for the grace period", async () => {
  const it = await bench();
  await it.workspace.write(declare(it, 'rotate_when_changed = { quarter = "Q3" }\n rotation_grace_period = "1h"'));
  await it.workspace.apply();
  const old = await it.secret();
  await it.workspace.write(declare(it, 'rotate_when_changed = { quarter = "Q4" }\n rotation_grace_period = "0s"'));
  const applied = await it.workspace.apply();
  expect(applied.output).toContain("0 added, 1 changed, 0 destroyed");
  const current = await it.secret();
  expect(current).not.toBe(old);
  expect(await server.answer(current)).toBe("accepted");
  expect(await server.answer(old)).toBe("authentication_retired");
  expect(await it.workspace.isSettled()).toBe(true);
});

test("setting triggers for the first time, or removing them, rotates nothing", async () => {
  const it = await bench();
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const secret = await it.secret();
  await it.workspace.write(declare(it, 'rotate_when_changed = { quarter = "Q3" }'));
  await it.workspace.apply();
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  expect(await it.secret()).toBe(secret);
  expect(await it.workspace.isSettled()).toBe(true);
});

test.each([
  ["is missing", (path: string) => rm(path)],
  ["was overwritten", (path: string) => writeFile(path, "tok_somebodyelse")],
])("a stored secret that %s plans a rotation, and the next apply puts a working one there", async (_, damage) => {
  const it = await bench();
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const old = await it.secret();
  await damage(join(it.folder, "secret"));
  expect(await it.workspace.isSettled()).toBe(false);
  await it.workspace.apply();
  expect(await it.secret()).not.toBe(old);
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
  expect(await liveTokens(it)).toHaveLength(1);
});

test("another place rotates in place: the new secret is there, and the old entry is gone", async () => {
  const it = await bench();
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const id = (await it.workspace.attributes(address))?.["id"];
  await it.workspace.write(declare(it, "", { store: `{ file = { path = "${it.folder}/moved/secret" } }` }));
  const applied = await it.workspace.apply();
  expect(applied.output).toContain("0 added, 1 changed, 0 destroyed");
  expect(await server.answer(await it.secret("moved/secret"))).toBe("accepted");
  expect(existsSync(join(it.folder, "secret"))).toBe(false);
  expect(existsSync(join(it.folder, "secret.orgtokens.json"))).toBe(false);
  expect(await it.workspace.attributes(address)).toMatchObject({ id, destination: `file://${it.folder}/moved/secret` });
  expect(await it.workspace.isSettled()).toBe(true);
});

test("another role replaces the token, and the old secret is dead", async () => {
  const it = await bench();
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const old = await it.secret();
  await it.workspace.write(declare(it, 'role = "admin"'));
  const planned = await it.workspace.run("plan", "-input=false");
  expect(planned.output).toContain("forces replacement");
  await it.workspace.apply();
  expect(await server.answer(old)).toBe("authentication_revoked");
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect((await liveTokens(it)).map(({ role }) => role)).toEqual(["admin"]);
});

test("a token that was revoked outside of Terraform is replaced", async () => {
  const it = await bench();
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const [token] = await liveTokens(it);
  await server.admin.revokeApiToken(token?.id ?? "");
  await it.workspace.apply();
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect((await liveTokens(it)).map(({ id }) => id)).not.toContain(token?.id);
  expect(await it.workspace.isSettled()).toBe(true);
});

test("destroying revokes, and deletes the entry unless it is to be kept", async () => {
  const it = await bench();
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const first = await it.secret();
  await it.workspace.destroy();
  expect(await server.answer(first)).toBe("authentication_revoked");
  expect(existsSync(join(it.folder, "secret"))).toBe(false);

  await it.workspace.write(declare(it, 'on_destroy = "revoke_and_keep"'));
  await it.workspace.apply();
  const second = await it.secret();
  await it.workspace.destroy();
  expect(await server.answer(second)).toBe("authentication_revoked");
  expect(await it.secret()).toBe(second);

  await it.workspace.write(declare(it));
  await it.workspace.apply();
  expect(await server.answer(await it.secret())).toBe("accepted");
});

test("an entry that somebody else wrote is left alone by a destroy, with a warning", async () => {
  const it = await bench();
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  await writeFile(join(it.folder, "secret.orgtokens.json"), JSON.stringify({ apiTokenId: "0".repeat(24), fingerprint: "0".repeat(16) }));
  const destroyed = await it.workspace.run("destroy", "-auto-approve", "-input=false", "-refresh=false");
  expect(destroyed.output).toContain("left as it is");
  expect(existsSync(join(it.folder, "secret"))).toBe(true);
  expect(await liveTokens(it)).toEqual([]);
});

test("a token is imported by its id, with its place, and the plan afterwards is empty", async () => {
  const it = await bench();
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const secret = await it.secret();
  const id = String((await it.workspace.attributes(address))?.["id"]);
  await it.workspace.run("state", "rm", address);
  await rm(join(it.workspace.folder, "terraform.tfstate"));
  const imported = await it.workspace.run("import", "-input=false", address, id);
  expect(imported.output).toContain("Import successful");
  expect(await it.workspace.isSettled()).toBe(true);
  expect(await it.secret()).toBe(secret);
});

test("a token without a place is imported, and the next apply delivers a secret to the declared one", async () => {
  const it = await bench();
  const created = await server.admin.createApiToken({ label: "by hand", role: "developer" });
  await it.workspace.write(declare(it, "", { label: "by hand" }));
  await it.workspace.run("import", "-input=false", address, created.id);
  await it.workspace.apply();
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect(await server.answer(created.token)).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
  const missing = await it.workspace.run("import", "-input=false", "orgtokens_api_token.other", "0".repeat(24));
  expect(missing.exitCode).not.toBe(0);
});

test.each([
  ["two stores", 'secret_store = { file = { path = "a" }, vault = { mount = "kv", path = "a" } }', /Conflicting attributes[\s\S]*secret_store/],
  ["no store", "secret_store = {}", /Missing attribute[\s\S]*"file", "vault"/],
  ["a bad duration", 'expires_in = "soon"', /expires_in[\s\S]*is not a duration[\s\S]*90d/],
  ["a duration that is too long", 'rotation_grace_period = "31d"', /rotation_grace_period[\s\S]*from 0s to 30d/],
  ["an unknown role", 'role = "owner"', /role[\s\S]*"developer", "admin"/],
  ["an empty label", 'label = ""', /label[\s\S]*1 to 100 characters/],
  ["a label with control characters", 'label = "a\\tb"', /label[\s\S]*without control characters/],
])("%s is refused by validate, with the place and what to do", async (_, wrong, message) => {
  const it = await bench();
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
  const it = await bench({ ORGTOKENS_ENDPOINT: undefined });
  await it.workspace.write(
    `provider "orgtokens" {\n  endpoint = "http://127.0.0.1:${await unusedPort()}"\n}\n${declare(it).replace(/provider .*/, "")}`,
  );
  const result = await it.workspace.run("plan", "-input=false");
  expect(result.exitCode).toBe(1);
  expect(unwrap(result.output)).toMatch(/does not answer[\s\S]*endpoint =[\s\S]*ECONNREFUSED[\s\S]*Check "endpoint"/);
});

test("a refused and a Developer token are named at api_token, and never shown", async () => {
  const it = await bench({ ORGTOKENS_API_TOKEN: undefined });
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
  const it = await bench({ ORGTOKENS_API_TOKEN: undefined });
  await it.workspace.write(declare(it));
  const result = await it.workspace.run("plan", "-input=false");
  expect(unwrap(result.output)).toMatch(/Missing api_token[\s\S]*ORGTOKENS_API_TOKEN/);
});

test("a store that refuses the secret leaves nothing usable behind, and says which attribute to correct", async () => {
  const it = await bench();
  await mkdir(join(it.folder, "secret"));
  await it.workspace.write(declare(it));
  const result = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(result.exitCode).toBe(1);
  expect(unwrap(result.output)).toMatch(/secret store refused[\s\S]*secret_store[\s\S]*in the place of the file/);
  expect(await liveTokens(it)).toEqual([]);
  await rm(join(it.folder, "secret"), { recursive: true });
  await it.workspace.apply();
  expect(await server.answer(await it.secret())).toBe("accepted");
});

test("a file that orgtokens did not write is never overwritten", async () => {
  const it = await bench();
  await writeFile(join(it.folder, "secret"), "precious");
  await chmod(join(it.folder, "secret"), 0o644);
  await it.workspace.write(declare(it));
  const result = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(unwrap(result.output)).toMatch(/did not write\. Choose another place/);
  expect(await it.secret()).toBe("precious");
  expect(await liveTokens(it)).toEqual([]);
});

test("a place that another live token has is refused with the command that imports it", async () => {
  const it = await bench();
  await server.admin.createApiToken({ label: "other", role: "developer", destination: `file://${it.folder}/secret` });
  await it.workspace.write(declare(it));
  const result = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(unwrap(result.output)).toMatch(/was not delivered[\s\S]*secret_store[\s\S]*import it by this id/);
  expect(existsSync(join(it.folder, "secret"))).toBe(false);
});

/** Terraform breaks and frames the lines of diagnostics. */
function unwrap(output: string): string {
  return output.replaceAll(/\n[│╷╵ ]*/g, " ").replaceAll(/ +/g, " ");
}

async function unusedPort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const at = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof at === "object" && at !== null ? at.port : 0;
}
