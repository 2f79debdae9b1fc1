import { existsSync } from "node:fs";
import { chmod, cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { type CommandResult, runCommand } from "./commands.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const nodePackage = `node-${process.platform}-${process.arch}`;
const link = { resolved: "a", link: true };
const workspace = { name: "a", version: "1.0.0" };

/**
 * A repository with one workspace and a package that brings Node `wanted`. The lock says that package is for another
 * system, so that npm leaves it out and asks no registry.
 */
async function makeRepository(wanted: string = process.versions.node): Promise<string> {
  const root = await temporaryFolder();
  const manifest = {
    name: "root",
    version: "1.0.0",
    workspaces: ["a"],
    optionalDependencies: { [nodePackage]: wanted },
  };
  const node = { version: wanted, integrity: "sha512-AAAA", os: ["none"], optional: true };
  const packages = { "": manifest, a: workspace, "node_modules/a": link, [`node_modules/${nodePackage}`]: node };
  await writeJson(join(root, "package.json"), manifest);
  await writeJson(join(root, "a/package.json"), workspace);
  await writeJson(join(root, "package-lock.json"), {
    ...workspace,
    name: "root",
    lockfileVersion: 3,
    requires: true,
    packages,
  });
  await cp(new URL("install.mjs", import.meta.url), join(root, "test/support/install.mjs"));
  return root;
}

/** Pretends that an installation has finished and put these packages in their places. */
function pretendInstalled(root: string, packages: object = { a: workspace, "node_modules/a": link }): Promise<void> {
  return writeJson(join(root, "node_modules/.package-lock.json"), { packages });
}

async function pretendNodeAnswers(root: string, answer: string): Promise<void> {
  const path = join(root, "node_modules/.bin/node");
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho ${answer}\n`);
  await chmod(path, 0o755);
}

function install(root: string): Promise<CommandResult> {
  return runCommand(process.execPath, [join(root, "test/support/install.mjs")], {
    cwd: root,
    environment: process.env,
  });
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(value));
}

test("a fresh clone is installed, and then left alone", async () => {
  const root = await makeRepository();
  const first = await install(root);
  expect(first.output).toContain("nothing is installed yet");
  expect(first.exitCode).toBe(0);
  expect(existsSync(join(root, "node_modules/a/package.json"))).toBe(true);
  expect(await install(root)).toEqual({ exitCode: 0, stdout: "", output: "" });
}, 60_000);

test.each([
  ["of another version", { a: { ...workspace, version: "0.9.0" }, "node_modules/a": link }, "a is not the locked one"],
  ["missing", { a: workspace }, "node_modules/a is not the locked one"],
  [
    "too many",
    { a: workspace, "node_modules/a": link, "node_modules/old": workspace },
    "node_modules/old is not locked",
  ],
])(
  "an installation with a package that is %s is replaced",
  async (_, packages, reason) => {
    const root = await makeRepository();
    await pretendInstalled(root, packages);
    expect((await install(root)).output).toContain(reason);
    expect(await install(root)).toEqual({ exitCode: 0, stdout: "", output: "" });
  },
  60_000,
);

test("when the platform's Node was not installed, the package is named", async () => {
  const root = await makeRepository("99.0.0");
  await pretendInstalled(root);
  const { exitCode, output } = await install(root);
  expect(exitCode).toBe(1);
  expect(output).toContain(`This needs Node 99, and the package ${nodePackage} is not installed.`);
});

test("a Node that npm unpacked without linking its command is linked", async () => {
  const root = await makeRepository();
  await pretendInstalled(root);
  const folder = join(root, "node_modules", nodePackage);
  await writeJson(join(folder, "package.json"), {
    name: nodePackage,
    version: process.versions.node,
    bin: { node: "bin/node" },
  });
  await mkdir(join(folder, "bin"));
  await symlink(process.execPath, join(folder, "bin/node"));
  expect(existsSync(join(root, "node_modules/.bin/node"))).toBe(false);
  expect((await install(root)).exitCode).toBe(0);
  expect(existsSync(join(root, "node_modules/.bin/node"))).toBe(true);
});

test("a Node of another version in node_modules is refused, and the right one accepted", async () => {
  const root = await makeRepository("99.1.0");
  await pretendInstalled(root);
  await pretendNodeAnswers(root, "v20.0.0");
  const refused = await install(root);
  expect(refused.exitCode).toBe(1);
  expect(refused.output).toContain(`from ${nodePackage}, must be Node 99.1.0`);
  await pretendNodeAnswers(root, "v99.1.0");
  expect(await install(root)).toEqual({ exitCode: 0, stdout: "", output: "" });
});

test("an installation that fails is told as such", async () => {
  const root = await makeRepository();
  const packed = { version: "1.0.0", resolved: "file:missing.tgz", integrity: "sha512-AAAA" };
  const manifest = { ...workspace, name: "root", dependencies: { b: "file:missing.tgz" } };
  await writeJson(join(root, "package.json"), manifest);
  const packages = { "": manifest, "node_modules/b": packed };
  await writeJson(join(root, "package-lock.json"), { ...manifest, lockfileVersion: 3, requires: true, packages });
  const { exitCode, output } = await install(root);
  expect(exitCode).toBe(1);
  expect(output).toMatch(/missing\.tgz[\s\S]*npm ci failed/u);
});
