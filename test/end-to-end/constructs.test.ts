/** Constructs of both engines, from one program, against a real server. */
import { cp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runCommand } from "../support/commands.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { makeFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { createWorkspace } from "../support/terraform.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const root = fileURLToPath(new URL("../..", import.meta.url));
let server: ServerProcess;

beforeAll(async () => {
  server = await startServer(await makeFolder());
});

afterAll(() => server.close());

const environment = () => ({
  PATH: process.env["PATH"],
  ORGTOKENS_ENDPOINT: server.endpoint,
  ORGTOKENS_API_TOKEN: server.adminToken,
});

/** A folder with a copy of an example in it, as its author would have it. */
async function copyExample(engine: "cdktf" | "cdktn"): Promise<string> {
  const folder = await temporaryFolder();
  await cp(join(root, "examples", engine, "main.ts"), join(folder, "main.ts"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Synthesizes the program of a folder. Answers what Terraform would read, without what the engine says of itself. */
async function synthesize(folder: string, stack: string, settings: NodeJS.ProcessEnv = {}): Promise<string> {
  const { exitCode, output } = await runCommand(process.execPath, ["main.ts", join(folder, "secrets")], {
    cwd: folder,
    environment: { ...environment(), ...settings },
  });
  expect(exitCode, output).toBe(0);
  const file = "SYNTH_HCL_OUTPUT" in settings ? "cdk.tf" : "cdk.tf.json";
  return join(folder, "cdktf.out", "stacks", stack, file);
}

test("moving from cdktf to cdktn by the guide leaves nothing to plan, in JSON and in Terraform's own language", async () => {
  const folder = await copyExample("cdktf");
  const workspace = await createWorkspace({ folder: await temporaryFolder(), environment: environment() });
  await workspace.copy(await synthesize(folder, "tokens"));
  await workspace.run("init", "-input=false");
  await workspace.apply();
  const guide = await readFile(join(root, "provider/constructs/README.md"), "utf8");
  const command = /```sh\n +(sed .*)\n/u.exec(guide)?.[1] ?? "";
  expect((await runCommand("bash", ["-c", command], { cwd: folder, environment: environment() })).exitCode).toBe(0);
  const moved = await readFile(join(folder, "main.ts"), "utf8");
  expect(moved).toContain('from "cdktn"');
  expect(moved).not.toMatch(/from ".*cdktf"/);
  await workspace.copy(await synthesize(folder, "tokens"));
  expect(await workspace.isSettled()).toBe(true);
  await workspace.copy(await synthesize(folder, "tokens", { SYNTH_HCL_OUTPUT: "true" }));
  await rm(join(workspace.folder, "cdk.tf.json"));
  expect(await workspace.isSettled()).toBe(true);
  await workspace.destroy();
});

test("one program gives the same resources with either engine", async () => {
  const folder = await copyExample("cdktn");
  const resources = async () => {
    const { resource, provider, output } = JSON.parse(await readFile(await synthesize(folder, "services"), "utf8"));
    return JSON.parse(JSON.stringify({ resource, provider, output }).replaceAll("cdktn", "cdktf"));
  };
  const ofTerrain = await resources();
  const main = join(folder, "main.ts");
  await writeFile(main, (await readFile(main, "utf8")).replaceAll("cdktn", "cdktf"));
  expect(await resources()).toEqual(ofTerrain);
  expect(Object.keys(ofTerrain.resource.orgtokens_api_token)).toHaveLength(4);
});

test("tokens of a set are generated, each with its secret in its own place, and revoked with it", async () => {
  const folder = await copyExample("cdktn");
  const workspace = await createWorkspace({ folder: await temporaryFolder(), environment: environment() });
  await workspace.copy(await synthesize(folder, "services"));
  await workspace.run("init", "-input=false");
  await workspace.apply();
  const secret = await readFile(join(folder, "secrets", "production", "search"), "utf8");
  expect(await server.answer(secret)).toBe("accepted");
  const { tokens } = await server.admin.listApiTokens({ managedBy: "examples/cdktn" });
  expect(tokens.map(({ label }) => label).toSorted()).toEqual([
    "billing (production)",
    "billing (staging)",
    "search (production)",
    "search (staging)",
  ]);
  await workspace.destroy();
  expect(await server.answer(secret)).toBe("authentication_revoked");
});
