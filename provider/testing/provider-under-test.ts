import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "./plugin-process.ts";
import { isRunning } from "./running.ts";

/** The provider that a workspace is about. */
export interface ProviderUnderTest {
  /** Its local name in configurations: `notes`, for types that start with `notes_`. */
  readonly name: string;
  /** Its source address without a host. Default: `NAME/NAME`. */
  readonly source?: string;
  /** What starts it, such as `[process.execPath, "/path/of/main.ts"]`. */
  readonly command: Command;
}

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

/** A provider's launcher in a folder of its own, as an engine finds it by `dev_overrides`. */
export interface Launcher {
  readonly folder: string;
  /** The processes it started that still run, oldest first. */
  processes(): Promise<readonly number[]>;
  /** Lets the next provider, and every later one, pass through a relay that kills at a step. */
  arm(step: KillStep): Promise<void>;
  /** Takes the relay away; whether the step was reached. */
  disarm(): Promise<boolean>;
}

const relay = fileURLToPath(new URL("relay-main.ts", import.meta.url));

/** Writes the launcher into `parent`. It writes down the id of each process it becomes. */
export async function createLauncher(parent: string, { name, command }: ProviderUnderTest): Promise<Launcher> {
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
    folder,
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
  };
}

/** A word for `sh`. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
