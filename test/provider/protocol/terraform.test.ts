import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type AcmeWorkspace, createAcmeWorkspace } from "./acme-workspace.ts";
import { until } from "./plugin-host.ts";

const limitMs = 90_000;
const apply = ["apply", "-auto-approve", "-input=false"];
const destroy = ["destroy", "-auto-approve", "-input=false"];

const item = (name: string, attributes = "") =>
  `resource "acme_item" "${name}" {\n  name = "${name}"\n  ${attributes}\n}\n`;

/** Runs a command that must succeed and leave no provider process behind. */
async function succeed(
  workspace: AcmeWorkspace,
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { exitCode, output } = await workspace.run(parameters, { environment });
  expect(exitCode, output).toBe(0);
  expect(workspace.processes().filter(isRunning)).toEqual([]);
  expect(workspace.sockets()).toEqual([]);
  return output;
}

async function isSettled(workspace: AcmeWorkspace): Promise<boolean> {
  return (await workspace.run(["plan", "-detailed-exitcode", "-input=false"])).exitCode === 0;
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
    expect(await succeed(workspace, ["plan", "-input=false"])).toMatch(/"two" {[^}]*\+ text +=\s\(known after apply\)/);

    await succeed(workspace, apply);
    expect(workspace.state("one")?.attributes).toMatchObject({
      id: "item-one",
      checksum: "sum of hi",
      tags: { a: "ä" },
    });
    expect(workspace.state("two")?.attributes).toMatchObject({ id: "item-two", text: "sum of hi", amount: 0.1 });
    expect(readFileSync(join(workspace.folder, "work/terraform.tfstate"), "utf8")).toContain("9007199254740991");
    expect(await succeed(workspace, ["plan", "-input=false", "-detailed-exitcode"])).toContain("No changes.");

    await workspace.write(both("ho"));
    expect(await succeed(workspace, apply)).toContain("0 added, 2 changed, 0 destroyed");
    expect(workspace.state("two")?.attributes).toMatchObject({ text: "sum of ho" });

    await succeed(workspace, ["state", "rm", "acme_item.one"]);
    await succeed(workspace, ["import", "-input=false", "acme_item.one", "item-one"]);
    expect(await isSettled(workspace)).toBe(true);

    expect(await succeed(workspace, destroy)).toContain("2 destroyed");
    expect(readdirSync(join(workspace.folder, "world/items"))).toEqual([]);
  });

  test("shows an error of a configuration at its attribute", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write('resource "acme_item" "one" {\n  name = "one"\n  amount = "many"\n}\n');
    const { exitCode, output } = await workspace.run(["plan", "-input=false"]);
    expect(exitCode).toBe(1);
    expect(output).toMatch(/on main\.tf line \d+, in resource "acme_item" "one":\s+[^\n]*\d+: +amount = "many"/);
  });

  test("is not kept waiting by the end of a provider: each one starts and ends in less than the 2 s after which it is killed", {
    timeout: limitMs,
  }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(item("one"));
    const log = join(workspace.folder, "log");
    await succeed(workspace, apply, { TF_LOG: "trace", TF_LOG_PATH: log });
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
    await succeed(workspace, apply, { TF_LOG_PROVIDER: "trace", TF_LOG_PATH: log });
    const lines = readFileSync(log, "utf8");
    expect(lines).toMatch(
      /provider\.terraform-provider-acme.*Creating with \(sensitive value\)\..*tf_resource_type=acme_item/,
    );
    expect(lines).toMatch(/Configured\..*token="?\(sensitive value\)/);
    expect(lines).not.toContain(canary);
  });

  test("stops a slow create and saves its state when Ctrl-C reaches the whole process group", {
    timeout: limitMs,
  }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(item("slow", 'misbehave = "wait"') + item("after", "text = acme_item.slow.checksum"));
    let terraform: ChildProcess | undefined;
    const running = workspace.run(apply, {
      onStart: (child) => {
        terraform = child;
      },
    });
    await until(() => workspace.happened("creating-slow"));
    interruptGroup(terraform);
    const { output } = await running;
    expect(output).toContain("Interrupt received");
    expect(workspace.state("slow"), output).toMatchObject({ attributes: { id: "item-slow" } });
    expect(workspace.state("slow")?.status).toBeUndefined();
    expect(workspace.happened("creating-after")).toBe(false);
    expect(workspace.processes().filter(isRunning)).toEqual([]);
  });

  test("that is killed leaves no provider running, and the provider finishes what it had begun", {
    timeout: limitMs,
  }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(item("slow", "delay_ms = 1000"));
    let terraform: ChildProcess | undefined;
    const running = workspace.run(apply, {
      onStart: (child) => {
        terraform = child;
      },
    });
    await until(() => workspace.happened("creating-slow"));
    expect(workspace.processes().filter(isRunning)).toHaveLength(1);
    terraform?.kill("SIGKILL");
    await until(() => workspace.processes().filter(isRunning).length === 0, 10_000);
    await running;
    expect(workspace.happened("created-slow")).toBe(true);
    expect(workspace.sockets()).toEqual([]);
  });

  test("says that the provider failed, and shows none of its values", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(item("bad", 'misbehave = "throw"'));
    const { exitCode, output } = await workspace.run(apply);
    expect(exitCode).toBe(1);
    expect(output).toContain("Plugin did not respond");
    expect(output).not.toMatch(/hunter2|tok_|Stack trace|panic/);
  });
});

/** What a terminal does at Ctrl-C. The command leads a process group of its own. */
function interruptGroup(leader: ChildProcess | undefined): void {
  if (leader?.pid === undefined) throw new Error("Terraform did not start.");
  process.kill(-leader.pid, "SIGINT");
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
