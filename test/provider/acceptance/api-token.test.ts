/** `orgtokens_api_token` as a practitioner meets it: real Terraform, a real server, real files. */
import { existsSync } from "node:fs";
import { rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, createBench, declare } from "./bench.ts";

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

test("a created token is live, its secret is in the file alone, and a second plan is empty", async () => {
  const it = await createBench(server, { TF_LOG: "trace", TF_LOG_PATH: "trace.log" });
  await it.workspace.write(declare(it, 'description = "From HCL."\n expires_in = "90d"'));
  const planned = await it.workspace.run("plan", "-input=false", "-out=plan.tfplan");
  expect(planned.output).toContain("1 to add");
  const applied = await it.workspace.apply("plan.tfplan");
  const secret = await it.secret();
  expect(await server.answer(secret)).toBe("accepted");
  expect((await stat(join(it.folder, "secret"))).mode & 0o777).toBe(0o600);
  expect(await it.workspace.isSettled()).toBe(true);
  const [token, ...others] = await it.liveTokens();
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
  for (const hidden of [secret, server.adminToken])
    expect([...places].filter(([, content]) => content.includes(hidden)).map(([place]) => place)).toEqual([]);
});

test("label, description and expiry change in place, without touching the secret", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, 'description = "One"\n expires_in = "30d"'));
  await it.workspace.apply();
  const secret = await it.secret();
  const before = await it.workspace.attributes(address);
  await it.workspace.write(declare(it, 'expires_in = "60d"', { label: `renamed ${it.folder}` }));
  const applied = await it.workspace.apply();
  expect(applied.output).toContain("0 added, 1 changed, 0 destroyed");
  const after = await it.workspace.attributes(address);
  expect(after).toMatchObject({
    id: before?.["id"],
    label: `renamed ${it.folder}`,
    description: null,
    fingerprint: before?.["fingerprint"],
  });
  expect(Date.parse(String(after?.["expires_at"])) - Date.parse(String(before?.["expires_at"]))).toBeGreaterThan(
    29 * 86_400_000,
  );
  expect(await it.secret()).toBe(secret);
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.write(declare(it, "", { label: `renamed ${it.folder}` }));
  await it.workspace.apply();
  expect(await it.workspace.attributes(address)).toMatchObject({ expires_at: null });
});

test("a trigger rotates in place, and the old secret works for the grace period", async () => {
  const it = await createBench(server);
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
  const it = await createBench(server);
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
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const old = await it.secret();
  await damage(join(it.folder, "secret"));
  expect(await it.workspace.isSettled()).toBe(false);
  await it.workspace.apply();
  expect(await it.secret()).not.toBe(old);
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
  expect(await it.liveTokens()).toHaveLength(1);
});

test("another place rotates in place: the new secret is there, and the old entry is gone", async () => {
  const it = await createBench(server);
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
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const old = await it.secret();
  await it.workspace.write(declare(it, 'role = "admin"'));
  const planned = await it.workspace.run("plan", "-input=false");
  expect(planned.output).toContain("forces replacement");
  await it.workspace.apply();
  expect(await server.answer(old)).toBe("authentication_revoked");
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect((await it.liveTokens()).map(({ role }) => role)).toEqual(["admin"]);
});

test("a token that was revoked outside of Terraform is replaced", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const [token] = await it.liveTokens();
  await server.admin.revokeApiToken(token?.id ?? "");
  await it.workspace.apply();
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect((await it.liveTokens()).map(({ id }) => id)).not.toContain(token?.id);
  expect(await it.workspace.isSettled()).toBe(true);
});

test("destroying revokes, and deletes the entry unless it is to be kept", async () => {
  const it = await createBench(server);
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
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  await writeFile(
    join(it.folder, "secret.orgtokens.json"),
    JSON.stringify({ apiTokenId: "0".repeat(24), fingerprint: "0".repeat(16) }),
  );
  const destroyed = await it.workspace.run("destroy", "-auto-approve", "-input=false", "-refresh=false");
  expect(destroyed.output).toContain("left as it is");
  expect(existsSync(join(it.folder, "secret"))).toBe(true);
  expect(await it.liveTokens()).toEqual([]);
});

test("a token is imported by its id, with its place, and the plan afterwards is empty", async () => {
  const it = await createBench(server);
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
  const it = await createBench(server);
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
