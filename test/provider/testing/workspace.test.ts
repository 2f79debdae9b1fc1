/** The harness for resource authors, held against a real engine: what it promises, and what it says when a promise is broken. */
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createProviderServer } from "@orgtokens/provider";
import { CommandError, createWorkspace, type KillStep, readEngineVersion } from "@orgtokens/provider/testing";
import { describe, expect, test, vi } from "vitest";
import { testedEngine } from "../../support/engine.ts";
import { requiredVersion } from "../../support/opentofu.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { acme, emptyWorld } from "../framework/acme.ts";
import { createAcmeWorkspace } from "../protocol/acme-workspace.ts";
import { createNotesWorkspace } from "./notes-workspace.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000 });

const address = "notes_note.one";
const milk = 'title = "milk"\n text = "Buy milk"';

test("the engine is the one this run is about", async () => {
  const { name, program } = testedEngine();
  const version = await readEngineVersion({ name, ...(program !== undefined && { program }) }, await temporaryFolder());
  expect(version).toEqual(name === "tofu" ? await requiredVersion() : expect.stringMatching(/^1\.\d+\.\d+$/));
  expect(await readEngineVersion({ name, program: "no-such-program" }, await temporaryFolder())).toBeUndefined();
});

test("a plan that should be empty and is not fails with the plan", async () => {
  const it = await createNotesWorkspace();
  await it.declare(milk);
  await it.apply();
  await writeFile(join(it.notes, "milk.json"), '{"title":"milk","text":"Buy beer","color":"yellow"}');
  expect(await it.planIsEmpty()).toBe(false);
  await expect(it.expectEmptyPlan()).rejects.toThrow(
    /should be empty, and is not:[\s\S]*~ text +. "Buy beer" -> "Buy milk"/,
  );
});

test("an error that does not come, or is another one, fails with what was printed", async () => {
  const it = await createNotesWorkspace();
  await it.declare('title = "Milk"\n text = "x"');
  await expect(it.expectError(/no such words/)).rejects.toThrow(/failed, but not with[\s\S]*lower-case letters/);
  await expect(it.apply()).rejects.toThrow(CommandError);
  await it.declare(milk);
  await expect(it.expectError(/anything/)).rejects.toThrow(/should fail with[\s\S]*1 added/);
});

test("state and outputs are read by address and name, in modules and with keys", async () => {
  const it = await createNotesWorkspace();
  await it.write(`
    provider "notes" { folder = "${it.notes}" }
    resource "notes_note" "each" {
      for_each = { a = "first", "b.c" = "second one" }
      title    = each.value == "first" ? "one" : "two"
      text     = each.value
    }
    resource "notes_note" "counted" {
      count = 2
      title = "counted-\${count.index}"
      text  = "x"
    }
    output "words" { value = { for key, note in notes_note.each : key => note.words } }
    output "hidden" {
      value     = notes_note.each["a"].title
      sensitive = true
    }`);
  await it.apply();
  expect(await it.state('notes_note.each["b.c"]')).toMatchObject({ title: "two", words: 2 });
  expect(await it.state("notes_note.counted[1]")).toMatchObject({ title: "counted-1" });
  expect(await it.state("notes_note.counted")).toBeUndefined();
  expect(await it.outputs()).toEqual({ words: { a: 1, "b.c": 2 }, hidden: "one" });
});

test("a text that should be nowhere is found in state and output, and not where it is not", async () => {
  const it = await createNotesWorkspace();
  const canary = "canary-b1d2";
  await it.declare(`title = "milk"\n text = "${canary}"`);
  expect(await it.placesOf("canary-of-nobody")).toEqual([]);
  await it.apply();
  const places = await it.placesOf(canary);
  expect(places).toContain(join(it.folder, "terraform.tfstate"));
  expect(places).toContain("output of a command");
});

test("a command that takes too long is killed with its provider, and fails", async () => {
  const it = await createAcmeWorkspace();
  await it.write('resource "acme_item" "slow" {\n  name     = "slow"\n  delay_ms = 60000\n}\n');
  await expect(it.runWith({ timeoutMs: 6000 }, "apply")).rejects.toThrow("took longer than 6000 ms");
  expect(await it.processes()).toEqual([]);
  expect(it.happened("created-slow")).toBe(false);
});

test("a provider can be served by the test's own process, with a world in memory", async () => {
  const { name, program } = testedEngine();
  const world = emptyWorld();
  const server = () => createProviderServer(acme(world));
  await using it = await createWorkspace({
    provider: { name: "acme", server },
    engine: { name, ...(program !== undefined && { program }) },
  });
  await it.write('resource "acme_server" "one" {\n  name = "one"\n  size = "small"\n  region = "x"\n}\n');
  await it.apply();
  expect([...world.servers.values()]).toMatchObject([{ name: "one", region: "x" }]);
  await it.expectEmptyPlan();
  await it.destroy();
  expect(world.servers.size).toBe(0);
  await expect(it.killHere({ victim: "provider", call: "ApplyResourceChange", moment: "after" })).rejects.toThrow(
    "give the workspace its command",
  );
});

describe("a kill at a step", () => {
  const create = { call: "ApplyResourceChange" } as const;

  test.each<[string, KillStep, readonly string[]]>([
    ["the provider, before it sees the call", { ...create, victim: "provider", moment: "before" }, []],
    ["the provider, after it answered", { ...create, victim: "provider", moment: "after" }, ["milk.json"]],
    ["Terraform, after the provider answered", { ...create, victim: "terraform", moment: "after" }, ["milk.json"]],
  ])("ends %s, and the state knows nothing of it", async (_, step, left) => {
    const it = await createNotesWorkspace();
    await it.declare(milk);
    const { exitCode } = await it.killHere(step);
    expect(exitCode).not.toBe(0);
    expect(await readdir(it.notes)).toEqual(left);
    expect(await it.state(address)).toBeUndefined();
    expect(await it.processes()).toEqual([]);
    if (left.length > 0) await it.import(address, "milk");
    await it.apply();
    await it.expectEmptyPlan();
  });

  test("that is never reached fails, and leaves no trap behind", async () => {
    const it = await createNotesWorkspace();
    await it.declare(milk);
    await expect(it.killHere({ ...create, victim: "provider", moment: "after", count: 2 })).rejects.toThrow(
      /never came to ApplyResourceChange/,
    );
    await it.expectEmptyPlan();
  });
});
