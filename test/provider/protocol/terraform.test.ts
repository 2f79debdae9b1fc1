import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type AcmeWorkspace, createAcmeWorkspace } from "./acme-workspace.ts";
import { until } from "./plugin-host.ts";

const limitMs = 90_000;

const item = (name: string, attributes = "") =>
  `resource "acme_item" "${name}" {\n  name = "${name}"\n  ${attributes}\n}\n`;

/** Runs a command that must succeed and leave no provider process behind. */
async function succeed(workspace: AcmeWorkspace, command: string, ...words: readonly string[]): Promise<string> {
  const { exitCode, output } = await workspace.run(command, ...words);
  expect(exitCode, output).toBe(0);
  expect(await workspace.processes()).toEqual([]);
  expect(workspace.sockets()).toEqual([]);
  return output;
}

describe("real Terraform", () => {
  test("plans, applies, finds nothing to do, updates, imports and destroys, and no provider outlives its command", {
    timeout: limitMs,
  }, async () => {
    const workspace = await createAcmeWorkspace();
    const both = (text: string) =>
      item("one", `text = "${text}"\n  amount = 9007199254740991\n  tags = { a = "ä" }`) +
      item("two", "text = acme_item.one.checksum\n  amount = 0.1");
    await workspace.write(both("hi"));
    expect(await succeed(workspace, "plan")).toMatch(/"two" {[^}]*\+ text +=\s\(known after apply\)/);

    await succeed(workspace, "apply");
    expect(await workspace.state("acme_item.one")).toMatchObject({
      id: "item-one",
      checksum: "sum of hi",
      tags: { a: "ä" },
    });
    expect(await workspace.state("acme_item.two")).toMatchObject({ id: "item-two", text: "sum of hi", amount: 0.1 });
    expect(readFileSync(join(workspace.folder, "terraform.tfstate"), "utf8")).toContain("9007199254740991");
    expect(await succeed(workspace, "plan", "-detailed-exitcode")).toContain("No changes.");

    await workspace.write(both("ho"));
    expect(await succeed(workspace, "apply")).toContain("0 added, 2 changed, 0 destroyed");
    expect(await workspace.state("acme_item.two")).toMatchObject({ text: "sum of ho" });

    await succeed(workspace, "state", "rm", "acme_item.one");
    await succeed(workspace, "import", "acme_item.one", "item-one");
    expect(await workspace.planIsEmpty()).toBe(true);

    expect(await succeed(workspace, "destroy")).toContain("2 destroyed");
    expect(readdirSync(join(workspace.world, "items"))).toEqual([]);
  });

  test("shows an error of a configuration at its attribute", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write('resource "acme_item" "one" {\n  name = "one"\n  amount = "many"\n}\n');
    const { exitCode, output } = await workspace.run("plan");
    expect(exitCode).toBe(1);
    expect(output).toMatch(/on main\.tf line \d+, in resource "acme_item" "one":\s+[^\n]*\d+: +amount = "many"/);
  });

  test("is not kept waiting by the end of a provider: each one starts and ends in less than the 2 s after which it is killed", {
    timeout: limitMs,
  }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(item("one"));
    const log = join(workspace.folder, "log");
    const applied = await workspace.runWith({ environment: { TF_LOG: "trace", TF_LOG_PATH: log } }, "apply");
    expect(applied.exitCode, applied.output).toBe(0);
    const lines = readFileSync(log, "utf8");
    expect(lines.match(/provider: plugin process exited/g)).toHaveLength(4);
    expect(lines).toContain("The host asked for it.");
    expect(lines).not.toMatch(/plugin failed to exit gracefully|error=.*signal: killed/);
  });

  test("at TRACE, the provider's log has its own lines with their resource type, and no sensitive or write-only value", {
    timeout: limitMs,
  }, async () => {
    const workspace = await createAcmeWorkspace();
    const canary = "canary-5dd1f0c1";
    await workspace.write(
      `provider "acme" {\n  token = "${canary}-token"\n}\n${item("one", `password = "${canary}-password"`)}`,
    );
    const log = join(workspace.folder, "log");
    const applied = await workspace.runWith({ environment: { TF_LOG_PROVIDER: "trace", TF_LOG_PATH: log } }, "apply");
    expect(applied.exitCode, applied.output).toBe(0);
    const lines = readFileSync(log, "utf8");
    expect(lines).toMatch(
      /provider\.terraform-provider-acme.*Creating with \(sensitive value\)\..*tf_resource_type=acme_item/,
    );
    expect(lines).toMatch(/Configured\..*token="?\(sensitive value\)/);
    expect(lines).not.toContain(canary);
  });

  test("gives a create up when its time-out passes, taints what exists, and shows the time-out at fault", {
    timeout: limitMs,
  }, async () => {
    const workspace = await createAcmeWorkspace();
    const slow = (timeouts: string) => item("slow", `misbehave = "hang"\n  timeouts = { ${timeouts} }`);
    await workspace.write(slow('create = "300ms"'));
    const output = await workspace.expectError(/Could not create acme_item in time/);
    expect(output).toContain("The time-out timeouts.create of 300ms passed");
    expect(output).toMatch(/on main\.tf line \d+, in resource "acme_item" "slow"/);
    expect(await workspace.isTainted("acme_item.slow")).toBe(true);

    await workspace.write(item("slow", 'timeouts = { create = "5m" }'));
    expect(await succeed(workspace, "apply")).toContain("1 added");
    expect(await workspace.planIsEmpty()).toBe(true);
  });

  test("moves resources, by a plain name and across types, without touching them", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    const old = 'resource "acme_old" "a" {\n  title = "moved"\n}\n';
    await workspace.write(old + item("before"));
    await succeed(workspace, "apply");
    const moved = (from: string, to: string) => `moved {\n  from = ${from}\n  to = ${to}\n}\n`;
    const renamed = item("before").replace('"before"', '"after"');
    await workspace.write(
      item("moved") + renamed + moved("acme_old.a", "acme_item.moved") + moved("acme_item.before", "acme_item.after"),
    );
    expect(await succeed(workspace, "apply")).toContain("0 added, 0 changed, 0 destroyed");
    expect(await workspace.state("acme_item.moved")).toMatchObject({ id: "item-moved", name: "moved", timeouts: null });
    expect(await workspace.state("acme_item.after")).toMatchObject({ id: "item-before" });
    expect(await workspace.state("acme_old.a")).toBeUndefined();
    await workspace.expectEmptyPlan();
  });

  test("is told which types cannot be moved", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(item("one"));
    await succeed(workspace, "apply");
    await workspace.write(
      'resource "acme_old" "a" {\n  title = "one"\n}\nmoved {\n  from = acme_item.one\n  to = acme_old.a\n}\n',
    );
    const output = await workspace.expectError(/Could not move acme_item to acme_old/, "plan");
    expect(output).toContain("Remove the moved block.");
  });

  test("stops a slow create and saves its state when Ctrl-C reaches the whole process group", {
    timeout: limitMs,
  }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(item("slow", 'misbehave = "wait"') + item("after", "text = acme_item.slow.checksum"));
    let terraform: ChildProcess | undefined;
    const onStart = (child: ChildProcess) => {
      terraform = child;
    };
    const running = workspace.runWith({ onStart }, "apply");
    await until(() => workspace.happened("creating-slow"));
    interruptGroup(terraform);
    const { output } = await running;
    expect(output).toContain("Interrupt received");
    expect(await workspace.state("acme_item.slow"), output).toMatchObject({ id: "item-slow" });
    expect(await workspace.isTainted("acme_item.slow")).toBe(false);
    expect(workspace.happened("creating-after")).toBe(false);
    expect(await workspace.processes()).toEqual([]);
  });

  test("that is killed leaves no provider running, and the provider finishes what it had begun", {
    timeout: limitMs,
  }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(item("slow", "delay_ms = 1000"));
    let terraform: ChildProcess | undefined;
    const onStart = (child: ChildProcess) => {
      terraform = child;
    };
    const running = workspace.runWith({ onStart }, "apply");
    await until(() => workspace.happened("creating-slow"));
    expect(await workspace.processes()).toHaveLength(1);
    terraform?.kill("SIGKILL");
    await running;
    expect(await workspace.processes()).toEqual([]);
    expect(workspace.happened("created-slow")).toBe(true);
    expect(workspace.sockets()).toEqual([]);
  });

  test("says that the provider failed, and shows none of its values", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(item("bad", 'misbehave = "throw"'));
    const { exitCode, output } = await workspace.run("apply");
    expect(exitCode).toBe(1);
    // Terraform notices the closed connection or the ended process, whichever it sees first.
    expect(output).toMatch(/Plugin did not respond|Request cancelled/);
    expect(output).not.toMatch(/hunter2|tok_|Stack trace|panic/);
  });
});

/** What a terminal does at Ctrl-C. The command leads a process group of its own. */
function interruptGroup(leader: ChildProcess | undefined): void {
  if (leader?.pid === undefined) throw new Error("Terraform did not start.");
  process.kill(-leader.pid, "SIGINT");
}
