/** The provider against a server that has the three base operations only: with less, and honest about it. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { type BaseServer, startBaseServer } from "../../support/base-server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { createWorkspace } from "../../support/terraform.ts";
import { unwrap } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000 });

const address = "orgtokens_api_token.it";

type Declared = { readonly label?: string; readonly file?: string; readonly managedBy?: string | null };

async function createBaseBench() {
  const folder = await temporaryFolder();
  const server = await startBaseServer();
  const workspace = await createWorkspace({
    folder,
    environment: { ORGTOKENS_ENDPOINT: server.endpoint, ORGTOKENS_API_TOKEN: server.adminToken },
  });
  const declare = (more = "", { label = "CI", file = "secret", managedBy = "infra/prod" }: Declared = {}) =>
    workspace.write(`
      provider "orgtokens" { managed_by = ${JSON.stringify(managedBy)} }
      resource "orgtokens_api_token" "it" {
        label        = "${label}"
        role         = "developer"
        secret_store = { file = { path = "${folder}/${file}" } }
        ${more}
      }`);
  const secret = (file = "secret") => readFile(join(folder, file), "utf8");
  return { folder, server, workspace, declare, secret };
}

const ids = (server: BaseServer): readonly string[] => server.tokens().map(({ id }) => id);

test("a token is created, delivered, found again, and revoked with its entry", async () => {
  const it = await createBaseBench();
  await it.declare();
  await it.workspace.apply();
  expect(it.server.accepts(await it.secret())).toBe(true);
  expect(await it.workspace.attributes(address)).toMatchObject({
    id: it.server.tokens()[0]?.id,
    status: "active",
    managed_by: "infra/prod",
    destination: `file://${it.folder}/secret`,
  });
  expect(await it.workspace.isSettled()).toBe(true);
  for (const content of (await it.workspace.files()).values()) {
    expect(content.includes(await it.secret())).toBe(false);
  }
  await it.workspace.destroy();
  expect(it.server.tokens()).toEqual([]);
  expect(existsSync(join(it.folder, "secret"))).toBe(false);
});

test("a rotation is a new token in the same place and an end of the old one, and the plan says so", async () => {
  const it = await createBaseBench();
  await it.declare(`rotate_when_changed = { n = "1" }`);
  await it.workspace.apply();
  const before = await it.secret();
  const [old] = ids(it.server);
  await it.declare(`rotate_when_changed = { n = "2" }`);
  const { output } = await it.workspace.apply();
  expect(unwrap(output)).toMatch(/secret before ends at once.*1 changed/s);
  expect(it.server.accepts(await it.secret())).toBe(true);
  expect(it.server.accepts(before)).toBe(false);
  expect(ids(it.server)).toHaveLength(1);
  expect(ids(it.server)).not.toContain(old);
  expect(await it.workspace.isSettled()).toBe(true);
});

test("another label and another place are a new token too, and leave nothing behind", async () => {
  const it = await createBaseBench();
  await it.declare();
  await it.workspace.apply();
  await it.declare("", { label: "Other", file: "elsewhere" });
  await it.workspace.apply();
  expect(it.server.tokens().map(({ label }) => label)).toEqual(["Other"]);
  expect(it.server.accepts(await it.secret("elsewhere"))).toBe(true);
  expect(existsSync(join(it.folder, "secret"))).toBe(false);
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a token that an earlier run delivered without recording it is adopted, and only with managed_by", async () => {
  const it = await createBaseBench();
  await it.declare();
  await it.workspace.apply();
  const [id] = ids(it.server);
  const before = await it.secret();
  await it.workspace.run("state", "rm", address);
  await it.declare("", { managedBy: null });
  const refused = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(refused.exitCode).toBe(1);
  expect(unwrap(refused.output)).toMatch(new RegExp(`secret_store = .*live token ${id}.*import it by this id`, "s"));
  await it.declare();
  const adopted = await it.workspace.apply();
  expect(unwrap(adopted.output)).toMatch(/An existing token was adopted.*1 added/s);
  expect(await it.workspace.attributes(address)).toMatchObject({ id, managed_by: "infra/prod", status: "active" });
  expect(ids(it.server)).toEqual([id]);
  expect(await it.secret()).toBe(before);
  expect(it.server.accepts(before)).toBe(true);
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a token that was revoked elsewhere is planned anew, and destroying one that is gone succeeds", async () => {
  const it = await createBaseBench();
  await it.declare();
  await it.workspace.apply();
  const [id = ""] = ids(it.server);
  await it.server.client.revokeApiToken(id);
  const planned = await it.workspace.run("plan", "-input=false");
  expect(unwrap(planned.output)).toMatch(/1 to add.*does not exist any more.*was revoked/s);
  await it.workspace.apply();
  expect(it.server.accepts(await it.secret())).toBe(true);
  await it.server.client.revokeApiToken(ids(it.server)[0] ?? "");
  await it.workspace.destroy();
});

test("what the server cannot do is refused in the plan, at the attribute, and nothing is created", async () => {
  const it = await createBaseBench();
  await it.declare(`description = "x"\n expires_in = "90d"`);
  const { exitCode, output } = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(exitCode).toBe(1);
  expect(unwrap(output)).toMatch(/cannot do what description asks for.*cannot do what expires_in asks for/s);
  expect(it.server.tokens()).toEqual([]);
});

test("a token is imported by id and by label, and comes into the store as a new token", async () => {
  const it = await createBaseBench();
  const { id, token } = await it.server.client.createApiToken({ label: "CI", role: "developer" });
  await it.declare();
  const imported = await it.workspace.run("import", address, id);
  expect(imported.exitCode, imported.output).toBe(0);
  await it.workspace.run("state", "rm", address);
  expect((await it.workspace.run("import", address, "label:CI")).exitCode).toBe(0);
  await it.workspace.apply();
  expect(it.server.accepts(token)).toBe(false);
  expect(it.server.accepts(await it.secret())).toBe(true);
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a data source that needs the whole API says so", async () => {
  const it = await createBaseBench();
  await it.workspace.write(`data "orgtokens_organization" "it" {}`);
  const { exitCode, output } = await it.workspace.run("plan", "-input=false");
  expect(exitCode).toBe(1);
  expect(unwrap(output)).toMatch(/base operations only/);
});

test("tokens of a page that is not the first are read with as many requests as there are pages", async () => {
  const it = await createBaseBench();
  await it.declare("count = 3", { file: "secret-$" + "{count.index}" });
  await it.workspace.apply();
  for (let more = 0; more < 110; more += 1) await it.server.client.createApiToken({ label: "x", role: "developer" });
  const before = it.server.requests.length;
  expect(await it.workspace.isSettled()).toBe(true);
  // Two to find out what the server is, two pages of the list.
  expect(it.server.requests.slice(before).length).toBeLessThanOrEqual(4);
});
