import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProviderServer } from "../framework/provider/provider-server.ts";
import { serveInProcess } from "./in-process.ts";
import type { Command } from "./plugin-process.ts";
import { isRunning } from "./running.ts";

/** The provider that a workspace is about: a program, or one that this process serves. */
export type ProviderUnderTest = {
  /** Its local name in configurations: `notes`, for types that start with `notes_`. */
  readonly name: string;
  /** Its source address without a host. Default: `NAME/NAME`. */
  readonly source?: string;
} & (
  | {
      /** What starts it, such as `[process.execPath, "/path/of/main.ts"]`. */
      readonly command: Command;
    }
  | {
      /** Makes it, in this process, as often as an engine needs a fresh one. It cannot be killed. */
      readonly server: () => ProviderServer;
    }
);

/** Where in a run a process is killed: at a call of Terraform to the provider. */
export interface KillStep {
  /** Whom a SIGKILL ends. A killed Terraform leaves the provider to end by itself. */
  readonly victim: "provider" | "terraform";
  /** The call's name in the protocol, such as `ApplyResourceChange`. */
  readonly call: string;
  /** Before the provider has seen the call, or after it has answered and before Terraform hears of it. */
  readonly moment: "before" | "after";
  /** Which one of these calls, counted in this run from 1. Default: the first. */
  readonly count?: number;
}

/** How an engine comes to a provider. */
export interface Launcher extends AsyncDisposable {
  /** What the engine's configuration says of it. */
  readonly installation: string;
  /** What the engine's environment says of it. */
  readonly environment: NodeJS.ProcessEnv;
  /** The processes it started that still run, oldest first. */
  processes(): Promise<readonly number[]>;
  /** Lets the next provider, and every later one, pass through a relay that kills at a step. */
  arm(step: KillStep): Promise<void>;
  /** Takes the relay away; whether the step was reached. */
  disarm(): Promise<boolean>;
}

const relay = fileURLToPath(new URL("relay-main.ts", import.meta.url));

/** Puts what a provider needs into `parent`. */
export async function createLauncher(parent: string, provider: ProviderUnderTest): Promise<Launcher> {
  const { name, source = `${name}/${name}` } = provider;
  if ("command" in provider) return launchProcesses(parent, name, source, provider.command);
  const served = await serveInProcess(source, provider.server);
  return {
    installation: "",
    environment: served.environment,
    processes: async () => [],
    arm: async () => {
      throw new Error("A provider inside of this process cannot be killed: give the workspace its command.");
    },
    disarm: async () => false,
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  };
}

/** Writes a script, found by `dev_overrides`, that notes the id of each process it becomes. */
async function launchProcesses(parent: string, name: string, source: string, command: Command): Promise<Launcher> {
  const folder = join(parent, "provider");
  const ids = join(parent, "process-ids");
  const direct = join(parent, "start-provider");
  const entry = join(folder, `terraform-provider-${name}`);
  const stepFile = join(parent, "kill-here.json");
  const reached = join(parent, "kill-here-reached");
  const launch = (path: string, words: readonly string[]) =>
    writeFile(path, `#!/bin/sh\necho $$ >> ${quote(ids)}\nexec ${words.map(quote).join(" ")}\n`, { mode: 0o755 });
  await mkdir(folder, { recursive: true });
  await writeFile(ids, "");
  await Promise.all([launch(direct, command), launch(entry, command)]);
  return {
    installation: `dev_overrides { ${JSON.stringify(source)} = ${JSON.stringify(folder)} }`,
    environment: {},
    async processes() {
      const lines = (await readFile(ids, "utf8")).split("\n").filter((line) => line !== "");
      return lines.map(Number).filter(isRunning);
    },
    async arm(step) {
      await Promise.all([writeFile(stepFile, JSON.stringify(step)), writeFile(reached, "")]);
      await launch(entry, [process.execPath, relay, stepFile, reached, direct]);
    },
    async disarm() {
      await launch(entry, command);
      return (await readFile(reached, "utf8")).includes("killed");
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** A word for `sh`. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
