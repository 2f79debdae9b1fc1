/** The authoring guide: what it shows is what runs, and every fragment in it is checked. */
import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";
import { expect, onTestFinished, test } from "vitest";
import { shownFiles, unnamedFragments } from "../../check/readme-examples.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { until } from "../protocol/plugin-host.ts";
import { createNotesWorkspace } from "./notes-workspace.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const guide = await readFile(join(root, "provider/README.md"), "utf8");
const debugCommand = "node --inspect-brk main.ts --debug\n";
const module = unnamedFragments(guide, "ts").join("\n");

test("the guide shows the example provider as it is, every file of which is run by a test", async () => {
  const shown = shownFiles(guide);
  expect([...shown.keys()]).toEqual(
    ["notes.ts", "main.ts", "main.tf", "terraform-with-notes.sh"].map((name) => `examples/provider/${name}`),
  );
  for (const [path, content] of shown) expect(content, path).toBe(await readFile(join(root, path), "utf8"));
});

test("every other code block of the guide is TypeScript that compiles as one module, or the command that is run below", {
  timeout: 60_000,
}, () => {
  const fragments = [...unnamedFragments(guide, "ts"), ...unnamedFragments(guide, "sh")];
  expect(guide.match(/^```\w+/gm)).toHaveLength(shownFiles(guide).size + fragments.length);
  expect(unnamedFragments(guide, "sh")).toEqual([debugCommand]);
  expect(diagnosticsOf(module)).toEqual([]);
  expect(diagnosticsOf(module.replace("client.boot(ordered.id", "client.boot(ordered.idd"))).toEqual([
    expect.stringContaining("Property 'idd' does not exist"),
  ]);
});

test("the tests that the guide shows pass", { timeout: 120_000 }, async () => {
  const folder = await temporaryFolder();
  const notes = join(folder, "notes");
  await mkdir(notes);
  const file = join(folder, "guide.ts");
  const entry = (name: string) => pathToFileURL(join(root, "provider", name)).href;
  const runnable = module
    .replaceAll('"@orgtokens/provider/testing"', `"${entry("testing/index.ts")}"`)
    .replaceAll('"./notes.ts"', `"${pathToFileURL(join(root, "examples/provider/notes.ts")).href}"`)
    .replaceAll('"@orgtokens/provider"', `"${entry("framework/index.ts")}"`)
    .replace("examples/provider/main.ts", join(root, "examples/provider/main.ts"));
  await writeFile(file, runnable);
  const { testNotes, testInThisProcess, testOddCase } = await import(pathToFileURL(file).href);
  await testNotes(notes);
  await testInThisProcess(notes);
  await testOddCase();
});

test("the command that the guide gives for debugging serves Terraform until it is ended", {
  timeout: 120_000,
}, async () => {
  const workspace = await createNotesWorkspace();
  await workspace.declare('title = "milk"\n text = "Buy milk"');
  const words = debugCommand.trim().replace("--inspect-brk", "--inspect=127.0.0.1:0").split(" ").slice(1);
  const child = spawn(process.execPath, words, {
    cwd: join(root, "examples/provider"),
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  await until(() => printed.includes("Ctrl-C here ends it."));
  const [, attachment] = /TF_REATTACH_PROVIDERS='(.*)'/.exec(printed) ?? [];
  const { exitCode, output } = await workspace.runWith({ environment: { TF_REATTACH_PROVIDERS: attachment } }, "apply");
  expect(exitCode, output).toBe(0);
  expect(await workspace.state("notes_note.one")).toMatchObject({ words: 2 });
});

/** What the compiler says of a module that lies beside the example provider, under the repository's own options. */
function diagnosticsOf(text: string): readonly string[] {
  const path = join(root, "examples/provider/guide.ts");
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [path] }, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile: read, getSourceFile } = host;
  host.fileExists = (name) => name === path || fileExists(name);
  host.readFile = (name) => (name === path ? text : read(name));
  host.getSourceFile = (name, version, ...rest) =>
    name === path ? ts.createSourceFile(name, text, version) : getSourceFile(name, version, ...rest);
  const program = ts.createProgram([path], options, host);
  const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(path));
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
