/** What `npm run demo` does when something goes wrong. That all goes well, CI shows by running it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { inheritedEnvironment } from "../../provider/testing/inherited-environment.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

// The machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const main = fileURLToPath(new URL("../../examples/demo/main.ts", import.meta.url));

type RunningDemo = {
  readonly child: ChildProcess;
  /** Where it puts everything it writes. */
  readonly temporary: string;
  /** Its home. */
  readonly folder: string;
  /** Waits until its output says so, and gives all of it. */
  readonly saying: (text: string) => Promise<string>;
  readonly ended: Promise<{ readonly exitCode: number | null; readonly output: string }>;
};

/** Starts the demo with a Terraform that does only what `script` says. */
async function startDemo(script: string): Promise<RunningDemo> {
  const folder = await temporaryFolder();
  const temporary = join(folder, "temporary");
  const commands = join(folder, "commands");
  await Promise.all([mkdir(temporary), mkdir(commands)]);
  await writeFile(join(commands, "terraform"), `#!/bin/sh\n${script}\n`);
  await chmod(join(commands, "terraform"), 0o755);
  const child = spawn(process.execPath, [main], {
    env: { ...inheritedEnvironment(), PATH: `${commands}:${process.env["PATH"]}`, TMPDIR: temporary, HOME: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  return {
    child,
    temporary,
    folder,
    async saying(text) {
      while (!output.includes(text)) await once(child.stdout, "data");
      return output;
    },
    ended: once(child, "close").then(() => ({ exitCode: child.exitCode, output })),
  };
}

/** No file, and no server at the address it told. */
async function expectNothingLeft({ temporary }: RunningDemo, output: string): Promise<void> {
  expect(await readdir(temporary)).toEqual([]);
  const endpoint = /http:\/\/[\d.:]+/.exec(output)?.[0] ?? "";
  await expect(fetch(`${endpoint}/health/live`)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
}

test("a claim that does not hold is shown, ends the demo with exit code 1, and nothing is left", async () => {
  const demo = await startDemo("echo 'Plan: 2 to add, 0 to change, 0 to destroy.'");
  const { exitCode, output } = await demo.ended;
  expect(output).toMatch(/✗ 3\. Apply[\s\S]*✗ two tokens are live[\s\S]*2 claims held, 1 failed\./);
  expect(exitCode).toBe(1);
  await expectNothingLeft(demo, output);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s ends the demo, and nothing is left", async (signal) => {
  const demo = await startDemo("exec sleep 60");
  await demo.saying("it answers at");
  demo.child.kill(signal);
  const { exitCode, output } = await demo.ended;
  expect(output).toContain("Interrupted.");
  expect(exitCode).toBe(1);
  await expectNothingLeft(demo, output);
});

test("a reader that goes away ends the demo as well, and nothing is left", async () => {
  const demo = await startDemo('until [ -e "$HOME/unread" ]; do sleep 0.1; done; exit 1');
  const said = await demo.saying("it answers at");
  demo.child.stdout?.destroy();
  await writeFile(join(demo.folder, "unread"), "");
  const { exitCode } = await demo.ended;
  expect(exitCode).toBe(1);
  await expectNothingLeft(demo, said);
});
