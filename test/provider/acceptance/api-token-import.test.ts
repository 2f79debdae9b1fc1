/** Import: by id and by label, into configurations whose place holds the secret and into ones whose place does not. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startPlugin } from "../../../provider/testing/index.ts";
import { testedEngine } from "../../support/engine.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, type Bench, createBench, declare, unwrap } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000 });

const launcher = fileURLToPath(new URL("../../../provider/terraform-provider-orgtokens", import.meta.url));

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

/** A token that another run delivered, and of which this working directory knows nothing. */
async function deliverAndForget(it: Bench, more = ""): Promise<string> {
  await it.workspace.write(declare(it, more));
  await it.workspace.apply();
  const id = String((await it.workspace.attributes(address))?.["id"]);
  await rm(join(it.workspace.folder, "terraform.tfstate"));
  return id;
}

test("a token is imported by its label, keeps its secret, and the plan afterwards is empty", async () => {
  const it = await createBench(server);
  const id = await deliverAndForget(it);
  const secret = await it.secret();
  await it.workspace.import(address, `label:token of ${it.folder}`);
  expect(await it.workspace.attributes(address)).toMatchObject({ id });
  expect(await it.workspace.isSettled()).toBe(true);
  expect(await it.secret()).toBe(secret);
});

test("a label that two live tokens have is refused, with the ids to choose from; a dead one does not count", async () => {
  const it = await createBench(server);
  const label = `twice in ${it.folder}`;
  const first = await server.admin.createApiToken({ label, role: "developer" });
  const second = await server.admin.createApiToken({ label, role: "admin", managedBy: "elsewhere" });
  await it.workspace.write(declare(it, "", { label }));
  const refused = await it.workspace.run("import", "-input=false", address, `label:${label}`);
  expect(refused.exitCode).toBe(1);
  expect(unwrap(refused.output)).toContain("Several live tokens have this label");
  expect(unwrap(refused.output)).toContain(`${first.id} (developer,`);
  expect(unwrap(refused.output)).toMatch(new RegExp(`${second.id} \\(admin, [^)]+, managed by elsewhere\\)`));
  await server.admin.revokeApiToken(second.id);
  await it.workspace.import(address, `label:${label}`);
  expect(await it.workspace.attributes(address)).toMatchObject({ id: first.id });
});

test.each([
  ["a label that no live token has", "label:nobody", /No live token has this label[\s\S]*"nobody"/],
  ["what is neither id nor label", "ci-deploy", /Invalid id[\s\S]*"label:CI deploy"/],
  ["an id that no token has", "0".repeat(24), /There is none with the id/],
])("%s is refused, with what to write", async (_, id, message) => {
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  const refused = await it.workspace.run("import", "-input=false", address, id);
  expect(refused.exitCode).toBe(1);
  expect(unwrap(refused.output)).toMatch(message);
});

test("a dead token is not imported", async () => {
  const it = await createBench(server);
  const created = await server.admin.createApiToken({ label: "dead", role: "developer" });
  await server.admin.revokeApiToken(created.id);
  await it.workspace.write(declare(it));
  const refused = await it.workspace.run("import", "-input=false", address, created.id);
  expect(refused.exitCode).toBe(1);
  expect(unwrap(refused.output)).toMatch(/not live[\s\S]*revoked\. Declare a new one/);
});

test("an import into a place that does not hold the secret plans a rotation into it, and the plan says so", async () => {
  const it = await createBench(server);
  const created = await server.admin.createApiToken({ label: "by hand", role: "developer" });
  await it.workspace.write(`
    ${declare(it, "", { label: "by hand" })}
    import {
      to = ${address}
      id = "${created.id}"
    }`);
  const planned = await it.workspace.run("plan", "-input=false");
  expect(planned.output).toContain("1 to import, 0 to add, 1 to change, 0 to destroy");
  expect(unwrap(planned.output)).toContain("The secret is rotated into the secret store");
  expect(unwrap(planned.output)).toContain(`written to file://${it.folder}/secret`);
  await it.workspace.apply();
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect(await server.answer(created.token)).toBe("accepted");
  expect(await it.workspace.attributes(address)).toMatchObject({ id: created.id });
  expect(await it.workspace.isSettled()).toBe(true);
});

test("an import block of a delivered token changes nothing", async () => {
  const it = await createBench(server);
  const id = await deliverAndForget(it, 'description = "Moved house."\n allowed_networks = ["127.0.0.0/8"]');
  const secret = await it.secret();
  await it.workspace.write(`
    ${declare(it, 'description = "Moved house."\n allowed_networks = ["127.0.0.0/8"]')}
    import {
      to = ${address}
      id = "${id}"
    }`);
  const applied = await it.workspace.apply();
  expect(applied.output).toContain("1 imported, 0 added, 0 changed, 0 destroyed");
  expect(await it.secret()).toBe(secret);
});

test("the configuration that Terraform generates for an import plans clean", async () => {
  const it = await createBench(server);
  const id = await deliverAndForget(it, 'expires_at = "2099-01-31T12:00:00Z"');
  const secret = await it.secret();
  const configuration = `
    provider "orgtokens" { managed_by = "${it.folder}" }
    import {
      to = ${address}
      id = "${id}"
    }`;
  await it.workspace.write(configuration);
  const planned = await it.workspace.run("plan", "-input=false", "-generate-config-out=generated.tf");
  expect(planned.exitCode, planned.output).toBe(0);
  expect(planned.output).toContain("1 to import, 0 to add, 0 to change, 0 to destroy");
  expect(await readFile(join(it.workspace.folder, "generated.tf"), "utf8")).toContain(`"${it.folder}/secret"`);
  await it.workspace.apply();
  expect(await it.workspace.isSettled()).toBe(true);
  expect(await it.secret()).toBe(secret);
});

test("by an import block, which says the identity where the engine knows it, the token is adopted and nothing changes", async () => {
  const it = await createBench(server);
  const id = await deliverAndForget(it);
  const secret = await it.secret();
  // Terraform 1.11 has ids alone.
  const place = testedEngine().name === "tofu" ? `identity = { id = "${id}" }` : `id = "${id}"`;
  await it.workspace.write(`${declare(it)}\nimport {\n  to = ${address}\n  ${place}\n}\n`);
  expect((await it.workspace.apply()).output).toContain("1 imported, 0 added, 0 changed, 0 destroyed");
  expect(await it.workspace.attributes(address)).toMatchObject({ id });
  expect(await it.secret()).toBe(secret);
  expect(await it.workspace.isSettled()).toBe(true);
});

test("by identity, as Terraform 1.12 imports, the token is found and keeps its identity", async () => {
  const created = await server.admin.createApiToken({ label: "by identity", role: "developer" });
  const environment = { ORGTOKENS_ENDPOINT: server.endpoint, ORGTOKENS_API_TOKEN: server.adminToken };
  await using plugin = await startPlugin([launcher], { environment });
  const nothing = { endpoint: null, api_token: null, managed_by: null, secret_stores: null };
  const { provider } = await plugin.call("GetProviderSchema");
  const names = provider?.block?.attributes?.map(({ name }) => name ?? "") ?? [];
  const config = { ...nothing, ...Object.fromEntries(names.map((name) => [name, null])) };
  expect((await plugin.call("ConfigureProvider", { terraform_version: "1.12.0", config })).diagnostics).toEqual([]);
  const identity = { identity_data: { id: created.id } };
  const { imported_resources: [imported] = [] } = await plugin.call("ImportResourceState", {
    type_name: "orgtokens_api_token",
    identity,
  });
  expect(imported?.state).toMatchObject({ id: created.id, label: "by identity" });
  expect(imported?.identity).toEqual(identity);
});
