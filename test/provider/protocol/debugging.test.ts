import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { inheritedEnvironment } from "../../../provider/testing/inherited-environment.ts";
import { createAcmeWorkspace } from "./acme-workspace.ts";
import { cookie, until } from "./plugin-host.ts";

const main = fileURLToPath(new URL("./fixtures/main.ts", import.meta.url));
const limitMs = 90_000;

/** The example provider as a person starts it to debug it. */
function startDebugged(words: readonly string[], environment: NodeJS.ProcessEnv) {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(process.execPath, [...words, main, "--debug"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...inheritedEnvironment(), ...environment },
  });
  const ended = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  return { child, ended, output };
}

test("a provider started with --debug under an inspector serves any number of commands of real Terraform, until Ctrl-C", {
  timeout: limitMs,
}, async () => {
  const workspace = await createAcmeWorkspace();
  const { world } = workspace;
  const debugged = startDebugged(["--inspect=127.0.0.1:0"], { ACME_FOLDER: world, TF_LOG_PROVIDER: "debug" });
  await until(() => debugged.output.stdout.includes("Ctrl-C here ends it."));
  expect(debugged.output.stderr).toContain("Debugger listening on ws://127.0.0.1");
  const [, json = ""] = /export TF_REATTACH_PROVIDERS='(.*)'/.exec(debugged.output.stdout) ?? [];
  const socket = JSON.parse(json)["acme/acme"].Addr.String;
  expect(statSync(socket).mode & 0o777).toBe(0o600);

  const environment = { TF_REATTACH_PROVIDERS: json };
  const run = async (...words: readonly [string, ...string[]]) => {
    const { exitCode, output } = await workspace.runWith({ environment }, ...words);
    expect(exitCode, output).toBe(0);
    return output;
  };
  await workspace.write('resource "acme_item" "one" {\n  name = "one"\n}\n');
  expect(await run("plan")).toContain("1 to add");
  expect(await run("apply")).toContain("1 added");
  expect(await run("plan")).toContain("No changes.");
  expect(await run("destroy")).toContain("1 destroyed");
  expect(debugged.output.stderr).toContain('"tf_rpc":"ApplyResourceChange"');
  expect(debugged.child.exitCode).toBeNull();

  debugged.child.kill("SIGINT");
  expect(await debugged.ended).toEqual([0, null]);
  expect(() => statSync(socket)).toThrow("ENOENT");
});

test("after Ctrl-C in a command, a provider with --debug serves the next one afresh", {
  timeout: limitMs,
}, async () => {
  const workspace = await createAcmeWorkspace();
  const debugged = startDebugged([], { ACME_FOLDER: workspace.world });
  await until(() => debugged.output.stdout.includes("Ctrl-C here ends it."));
  const [, json = ""] = /export TF_REATTACH_PROVIDERS='(.*)'/.exec(debugged.output.stdout) ?? [];
  const environment = { TF_REATTACH_PROVIDERS: json };

  await workspace.write('resource "acme_item" "one" {\n  name = "one"\n  misbehave = "wait"\n}\n');
  let terraform: ChildProcess | undefined;
  const onStart = (child: ChildProcess) => {
    terraform = child;
  };
  const interrupted = workspace.runWith({ environment, onStart }, "apply");
  await until(() => workspace.happened("creating-one"), 60_000);
  terraform?.kill("SIGINT");
  expect((await interrupted).output).toContain("Interrupt received");

  // A provider that had been stopped would cancel this create at once; a fresh one lets it run into its time-out.
  const slow = 'name = "two"\n  misbehave = "hang"\n  timeouts = { create = "1s" }';
  await workspace.write(`resource "acme_item" "two" {\n  ${slow}\n}\n`);
  const next = await workspace.runWith({ environment }, "apply", "-target=acme_item.two");
  expect(next.output).toContain("Could not create acme_item in time");
});

test("a provider with --debug that a plugin host starts refuses to serve", async () => {
  const refused = startDebugged([], { TF_PLUGIN_MAGIC_COOKIE: cookie });
  expect(await refused.ended).toEqual([1, null]);
  expect(refused.output.stdout).toBe("");
  expect(refused.output.stderr).toContain("A plugin host started this provider with --debug, which is for people.");
});
