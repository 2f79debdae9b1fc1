/** The workflow of examples/github-actions: linted, and its commands run with the environment that each step gets. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { parse } from "yaml";
import { inheritedEnvironment } from "../../provider/testing/inherited-environment.ts";
import { asList, asObject, type JsonObject } from "../check/tree.ts";
import { runCommand } from "../support/commands.ts";
import { installGoProgramOrSkip } from "../support/installed-go-program.ts";
import { startServer } from "../support/server-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { createWorkspace } from "../support/terraform.ts";

// actionlint is built once per machine.
vi.setConfig({ testTimeout: 660_000 });

const examples = fileURLToPath(new URL("../../examples", import.meta.url));
const text = await readFile(join(examples, "github-actions/tokens.yml"), "utf8");
const { apply } = parse(text).jobs;

test("actionlint finds nothing in the workflow, and would find something", async (context) => {
  const packagePath = "github.com/rhysd/actionlint/cmd/actionlint";
  const program = { name: "actionlint", packagePath, version: "1.7.12" };
  const actionlint = await installGoProgramOrSkip(program, (note) => context.skip(note));
  if (actionlint === undefined) return;
  const folder = await temporaryFolder();
  await mkdir(join(folder, ".github/workflows"), { recursive: true });
  const path = ".github/workflows/tokens.yml";
  const lint = async (content: string) => {
    await writeFile(join(folder, path), content);
    return runCommand(actionlint, ["-no-color", path], { cwd: folder, environment: inheritedEnvironment() });
  };
  expect(await lint(text)).toMatchObject({ exitCode: 0, output: "" });
  expect((await lint(text.replace("vars.ORGTOKENS", "var.ORGTOKENS"))).exitCode).not.toBe(0);
});

test("its commands use a token for one run each, only the steps that need the Admin token have it, and nothing shows either", async () => {
  const server = await startServer(await temporaryFolder());
  onTestFinished(() => server.close());
  const workspace = await createWorkspace({ folder: await temporaryFolder() });
  await workspace.copy(join(examples, "terraform/ephemeral-resources/orgtokens_api_token/main.tf"));
  const given: Readonly<Record<string, string>> = {
    "${{ vars.ORGTOKENS_ENDPOINT }}": server.endpoint,
    "${{ secrets.ORGTOKENS_API_TOKEN }}": server.adminToken,
  };
  const variablesOf = (step: JsonObject) =>
    Object.fromEntries(Object.entries(asObject(step["env"])).map(([name, value]) => [name, given[String(value)]]));
  expect(variablesOf(apply)).toEqual({ TF_IN_AUTOMATION: undefined, TF_INPUT: undefined });
  const steps = asList(apply.steps)
    .map(asObject)
    .filter(({ run }) => run !== undefined);
  expect(steps.map(({ run }) => run)).toEqual([
    "terraform init",
    "terraform plan -out=plan.bin",
    "terraform apply plan.bin",
  ]);
  // There is nothing to initialise with a provider that is not published, but in place.
  for (const step of steps.slice(1)) {
    const [, command = "", ...words] = String(step["run"]).split(" ");
    const environment = { ...apply.env, ...variablesOf(step) };
    const { exitCode, output } = await workspace.runWith({ environment }, command, ...words);
    expect(exitCode, output).toBe(0);
  }
  const { tokens } = await server.admin.listApiTokens({ label: "Smoke test", status: "all" });
  expect(tokens.map(({ status }) => status)).toEqual(["revoked", "revoked"]);
  expect(tokens.map(({ lastUsed }) => lastUsed)).toContainEqual(expect.any(String));
  const secrets = [server.adminToken, ...tokens.map(({ obfuscatedToken }) => obfuscatedToken.replaceAll("*", ""))];
  for (const secret of secrets) expect(await workspace.placesOf(secret)).toEqual([]);
});
