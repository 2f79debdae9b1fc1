/** Every example that the documents show, run as a reader would run it. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { inheritedEnvironment } from "../../provider/testing/inherited-environment.ts";
import { shownFiles } from "../check/readme-examples.ts";
import { runCommand } from "../support/commands.ts";
import { type OpenBao, startOpenBao } from "../support/openbao.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { makeFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { createWorkspace } from "../support/terraform.ts";

// Terraform takes seconds, and OpenBao is fetched once per machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

const root = fileURLToPath(new URL("../..", import.meta.url));

let server: ServerProcess;
let openBao: OpenBao;

beforeAll(async () => {
  [server, openBao] = await Promise.all([makeFolder().then(startServer), startOpenBao()]);
});

afterAll(async () => {
  await Promise.all([server.close(), openBao.close()]);
});

function environment(): NodeJS.ProcessEnv {
  return {
    ...inheritedEnvironment(),
    ORGTOKENS_ENDPOINT: server.endpoint,
    ORGTOKENS_API_TOKEN: server.adminToken,
    VAULT_ADDR: openBao.address,
    VAULT_TOKEN: openBao.rootToken,
  };
}

test("the README shows the examples as they are, and each example is run below", async () => {
  const shown = shownFiles(await readFile(join(root, "README.md"), "utf8"));
  for (const [path, content] of shown) expect(content, path).toBe(await readFile(join(root, path), "utf8"));
  const own = await readFile(fileURLToPath(import.meta.url), "utf8");
  const folders = ["sdk", "cli", "http", "cdktf"];
  const files = await Promise.all(
    folders.map(async (name) => (await readdir(join(root, "examples", name))).map((file) => `${name}/${file}`)),
  );
  for (const file of files.flat()) expect(own, `${file} must be run here`).toContain(`"${file}"`);
  // Of the Terraform examples and of the services it shows one each; terraform-examples.test.ts and services.test.ts run them all.
  expect(shown.size).toBe(files.flat().length + 2);
});

test("the index of the examples names every folder of them", async () => {
  const index = await readFile(join(root, "examples/README.md"), "utf8");
  const entries = await readdir(join(root, "examples"), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== "node_modules");
  for (const { name } of folders) expect(index).toMatch(new RegExp(`\\]\\(${name}[/)]`));
});

test("the SDK examples print what their comments say", async () => {
  const folder = await temporaryFolder();
  const run = (file: string) =>
    runCommand(process.execPath, [join(root, "examples", file)], { cwd: folder, environment: environment() });
  const verified = await run("sdk/generate-and-verify.ts");
  expect(verified).toMatchObject({ exitCode: 0, stdout: "true\nrevoked\napi_token_revoked false\n" });
  const fiveLines = await run("sdk/deliver-in-five-lines.ts");
  expect(fiveLines.output).toMatch(/^tok_\w{4}\*{4} vault:\/\/kv\/ci\/five#token\n$/);
  const stored = JSON.stringify(await openBao.request("GET", "kv/data/ci/five"));
  expect(await server.answer(/tok_[0-9A-Za-z]{36}/.exec(stored)?.[0] ?? "")).toBe("accepted");
  const delivered = await run("sdk/deliver.ts");
  expect(delivered.output).toMatch(
    /^checked\nissued\nstored\nactivated\nNightly tok_\w{4}\*{4} file:\/\/\S+\/secrets\/nightly\n$/,
  );
  expect(delivered.exitCode).toBe(0);
  expect(await readdir(join(folder, "secrets"))).toEqual([]);
});

test("the example of the command delivers, rotates, checks and revokes, and shows no secret", async () => {
  const folder = await temporaryFolder();
  const script = join(root, "examples", "cli/tokens.sh");
  const { exitCode, output } = await runCommand("bash", ["-euo", "pipefail", script], {
    cwd: folder,
    environment: { ...environment(), PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}` },
  });
  expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
  expect(output).toMatch(
    /^Generated ci[^\n]*\nRotated ci[^\n]*\nheld +ci[^\n]*\nRevoked ci[^\n]*Deleted vault:\/\/kv\/ci#token\n$/,
  );
});

test("the HTTP example generates, lists and revokes", async () => {
  const folder = await temporaryFolder();
  const script = join(root, "examples", "http/generate-and-revoke.sh");
  const { exitCode, output } = await runCommand("bash", ["-euo", "pipefail", script], {
    cwd: folder,
    environment: environment(),
  });
  expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(output)).toMatchObject({
    tokens: expect.arrayContaining([expect.objectContaining({ label: "Load test" })]),
  });
  const { token } = JSON.parse(await readFile(join(folder, "created.json"), "utf8"));
  expect(await server.answer(token)).toBe("authentication_revoked");
});

test("the example for services introspects, asks as a proxy does, and revokes", async () => {
  const folder = await temporaryFolder();
  const { id, token } = await server.admin.createApiToken({ label: "Presented", role: "developer" });
  const script = join(root, "examples", "http/protect-a-service.sh");
  const { exitCode, output } = await runCommand("bash", ["-euo", "pipefail", script], {
    cwd: folder,
    environment: { ...environment(), PRESENTED_TOKEN: token },
  });
  expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
  const [introspected = "", asked, revoked = ""] = output.trim().split("\n");
  expect(JSON.parse(introspected)).toMatchObject({ active: true, client_id: id, scope: "developer" });
  expect(asked).toBe("200 developer");
  expect(JSON.parse(revoked)).toEqual({ active: false });
  expect(await server.answer(token)).toBe("authentication_revoked");
});

test("the CDKTF example is synthesized and applied", async () => {
  const folder = await temporaryFolder();
  const secrets = join(folder, "secrets");
  const main = join(root, "examples", "cdktf/main.ts");
  const synthesized = await runCommand(process.execPath, [main, secrets], { cwd: folder, environment: environment() });
  expect(synthesized).toMatchObject({ exitCode: 0 });
  const workspace = await createWorkspace({ folder, environment: environment() });
  await workspace.copy(join(folder, "cdktf.out", "stacks", "tokens", "cdk.tf.json"));
  await workspace.run("init", "-input=false");
  const applied = await workspace.apply();
  expect(applied.output).toMatch(/fingerprint = "[0-9a-f]{16}"/);
  expect(await server.answer(await readFile(join(secrets, "ci-build"), "utf8"))).toBe("accepted");
  expect(await workspace.isSettled()).toBe(true);
  await workspace.destroy();
  expect(existsSync(join(secrets, "ci-build"))).toBe(false);
});
