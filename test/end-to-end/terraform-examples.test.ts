/** Every Terraform example that the documentation of the provider shows, applied as a reader would. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { listFiles } from "../check/tree.ts";
import { type OpenBao, startOpenBao } from "../support/openbao.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { makeFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { createWorkspace, type Workspace } from "../support/terraform.ts";

// Terraform takes seconds, and OpenBao is fetched once per machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = "examples/terraform";
const examples = (await listFiles(join(root, folder), (path) => path.endsWith("main.tf"))).map(dirname);

let server: ServerProcess;
let openBao: OpenBao;

beforeAll(async () => {
  [server, openBao] = await Promise.all([makeFolder().then(startServer), startOpenBao()]);
});

afterAll(async () => {
  await Promise.all([server.close(), openBao.close()]);
});

/** What must be there before an example makes sense. */
const preparations: Readonly<Record<string, (workspace: Workspace) => Promise<unknown>>> = {
  "guides/adopting": () => server.admin.createApiToken({ label: "Deploy bot", role: "developer" }),
  "guides/migrating": async (workspace) => {
    const { token } = await server.admin.createApiToken({ label: "Deploy bot", role: "developer" });
    await workspace.write(`resource "terraform_data" "deploy_token" { input = "${token}" }`);
    await workspace.apply();
  },
};

/** What an example has to have done besides being applied. */
const claims: Readonly<Record<string, (output: string) => Promise<unknown>>> = {
  "resources/orgtokens_api_token": async () => expect(await storedAt("ci/orgtokens")).toBe("accepted"),
  "guides/adopting": async (output) => {
    expect(output).toMatch(/1 imported, 0 added, 1 changed, 0 destroyed/);
    expect(await storedAt("ci/deploy")).toBe("accepted");
  },
  "guides/migrating": async (output) => {
    expect(output).toMatch(/1 imported, 0 added, 1 changed, 0 destroyed/);
    expect(await storedAt("ci/deploy")).toBe("accepted");
  },
};

/** What the server says of the secret at a path of OpenBao. */
async function storedAt(path: string): Promise<string> {
  const stored = JSON.stringify(await openBao.request("GET", `kv/data/${path}`));
  return server.answer(/tok_[0-9A-Za-z]{36}/.exec(stored)?.[0] ?? "");
}

test.for(examples)(
  "the example %s is applied, settles, keeps its secrets to the store and is destroyed",
  async (name) => {
    const workspace = await createWorkspace({
      folder: await temporaryFolder(),
      environment: {
        PATH: process.env["PATH"],
        ORGTOKENS_ENDPOINT: server.endpoint,
        ORGTOKENS_API_TOKEN: server.adminToken,
        VAULT_ADDR: openBao.address,
        VAULT_TOKEN: openBao.rootToken,
      },
    });
    await preparations[name]?.(workspace);
    await workspace.copy(join(root, folder, name, "main.tf"));
    const { output } = await workspace.apply();
    await claims[name]?.(output);
    expect(await workspace.isSettled()).toBe(true);
    const secret = /tok_[0-9A-Za-z]{36}/;
    // The state before a migration holds what the migration is about: the back-up of the old state may, the state may not.
    for (const [path, content] of await workspace.files()) {
      if (!path.endsWith(".backup")) expect(secret.test(content.toString("latin1")), path).toBe(false);
    }
    await runImports(workspace, name);
    await workspace.destroy();
  },
);

/** Forgets what was applied and imports it again, in each of the ways that are shown. */
async function runImports(workspace: Workspace, name: string): Promise<void> {
  const file = join(root, folder, name, "import.sh");
  if (!existsSync(file)) return;
  const commands = (await readFile(file, "utf8")).matchAll(/^terraform import (\S+) '?([^'\n]+)'?$/gm);
  for (const [, address = "", id = ""] of commands) {
    const before = await workspace.attributes(address);
    await workspace.run("state", "rm", address);
    const shown = /^[0-9a-f]{24}$/.test(id) ? String(before?.["id"]) : id;
    const { exitCode, output } = await workspace.run("import", address, shown);
    expect(exitCode, output).toBe(0);
    expect((await workspace.attributes(address))?.["id"]).toBe(before?.["id"]);
  }
}

test("every example is shown in the documentation", async () => {
  const documents = await listFiles(join(root, "provider/docs"));
  const shown = (
    await Promise.all(documents.map((path) => readFile(join(root, "provider/docs", path), "utf8")))
  ).join();
  for (const path of await listFiles(join(root, folder))) {
    expect(shown, path).toContain((await readFile(join(root, folder, path), "utf8")).trimEnd());
  }
});
