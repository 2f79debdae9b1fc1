/** The proof that the framework is one: a small provider of its public surface alone, applied by a real Terraform or OpenTofu. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "@orgtokens/provider/testing";
import { expect, test, vi } from "vitest";
import { inheritedEnvironment } from "../../../provider/testing/inherited-environment.ts";
import { testedEngine } from "../../support/engine.ts";
import { createNotesWorkspace } from "./notes-workspace.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000 });

const folder = fileURLToPath(new URL("../../../examples/provider", import.meta.url));
const address = "notes_note.one";

test("the example provider is less than 120 lines of code, and needs nothing but the public entries of the package", async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".ts"));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  const code = texts.flatMap((text) => text.split("\n")).filter((line) => line !== "" && !/^ *\/[/*]/.test(line));
  expect(code.length).toBeLessThan(120);
  const imported = texts.flatMap((text) => [...text.matchAll(/(?:from |import\()"([^"]+)"/g)].map(([, name]) => name));
  const ours = imported.filter((name) => !name?.startsWith("node:") && !name?.startsWith("./"));
  expect(new Set(ours)).toEqual(new Set(["@orgtokens/provider", "@orgtokens/provider/serve"]));
});

test("a note is created, settled, changed in place, replaced, and destroyed", async () => {
  const it = await createNotesWorkspace();
  await it.declare('title = "milk"\n text = "Buy milk"');
  await it.apply();
  expect(await it.state(address)).toEqual({ title: "milk", text: "Buy milk", color: "yellow", words: 2 });
  await it.expectEmptyPlan();

  await it.declare('title = "milk"\n text = "Buy more milk"\n color = "pink"');
  expect((await it.apply()).output).toContain("0 added, 1 changed, 0 destroyed");
  expect(JSON.parse(await readFile(join(it.notes, "milk.json"), "utf8"))).toMatchObject({ color: "pink" });
  expect(await it.state(address)).toMatchObject({ title: "milk", words: 3 });
  await it.expectEmptyPlan();

  await it.declare('title = "bread"\n text = "Buy bread"');
  expect((await it.apply()).output).toContain("1 added, 0 changed, 1 destroyed");
  expect(await readdir(it.notes)).toEqual(["bread.json"]);

  await it.destroy();
  expect(await readdir(it.notes)).toEqual([]);
  expect(await it.state(address)).toBeUndefined();
});

test("a note is imported with an empty plan after it, and one that went away is created again", async () => {
  const it = await createNotesWorkspace();
  await writeFile(join(it.notes, "milk.json"), '{"title":"milk","text":"Buy milk","color":"yellow"}');
  await it.declare('title = "milk"\n text = "Buy milk"');
  await it.expectError(/The note exists already[\s\S]*import it/);
  await it.import(address, "milk");
  await it.expectEmptyPlan();
  await rm(join(it.notes, "milk.json"));
  await it.refresh();
  expect(await it.state(address)).toBeUndefined();
  await it.apply();
  expect(await readdir(it.notes)).toEqual(["milk.json"]);
});

test("what is wrong is shown at its attribute, before anything is done", async () => {
  const it = await createNotesWorkspace();
  await it.declare('title = "Milk & Honey"\n text = "x"');
  const printed = await it.expectError(/lower-case letters, digits and hyphens/, "validate");
  expect(printed).toMatch(/on main\.tf line \d+, in resource "notes_note" "one": \d+: title = "Milk & Honey"/);
  await it.declare('title = "milk"\n text = "x"\n color = "green"');
  await it.expectError(/color = "green"[\s\S]*"yellow", "pink"/, "plan");
  expect(await readdir(it.notes)).toEqual([]);
});

test("its example configuration uses a function and a data source, and its script runs it without init", async () => {
  const it = await createNotesWorkspace();
  await it.copy(join(folder, "main.tf"));
  await it.apply();
  expect(await it.outputs()).toEqual({ text: "Buy milk, two litres." });
  await it.expectEmptyPlan();
  const { program, name } = testedEngine();
  const { output } = await runCommand(join(folder, "terraform-with-notes.sh"), ["plan", "-no-color"], {
    cwd: it.folder,
    environment: { ...inheritedEnvironment(), HOME: it.notes, TERRAFORM: program ?? name },
  });
  expect(output).toContain("No changes.");
  await it.write(`${providerBlock(it.notes)}data "notes_text" "none" {\n  title = "none"\n}\n`);
  await it.expectError(/No such note[\s\S]*title = "none"/, "plan");
});

const providerBlock = (notes: string) => `provider "notes" {\n  folder = "${notes}"\n}\n`;
