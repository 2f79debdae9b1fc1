import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { cached } from "./cache.ts";

/** A program that a Go module of ours names as its tool. */
export type GoProgram = {
  /** The folder of the module, which pins every version. */
  readonly module: string;
  /** The module that the program is part of; its version is the program's. */
  readonly source: string;
  /** The package to build, such as `github.com/opentofu/opentofu/cmd/tofu`. */
  readonly packagePath: string;
  /** As people call it. */
  readonly title: string;
  /** What the linker sets, given the version. */
  readonly linkerFlags: (version: string) => string;
};

/** How often the build says how far it is, in milliseconds. */
const progressMs = 15_000;

/**
 * The path of the program, built from its published sources once per machine. Undefined when it cannot be had, because there is no Go.
 *
 * @param report told how the build goes, line by line
 * @throws Error when the build fails
 */
export async function buildGoProgram(program: GoProgram, report: (line: string) => void): Promise<string | undefined> {
  if (!(await hasGo())) return undefined;
  const version = await requiredVersion(program);
  const name = program.packagePath.split("/").at(-1) ?? "";
  const folder = await cached(`${program.title.toLowerCase()}-${version}`, (target) =>
    build(program, version, join(target, name), report),
  );
  return join(folder, name);
}

/** The version of the program that `go.mod` requires. */
export async function requiredVersion({ module, source }: GoProgram): Promise<string> {
  const text = await readFile(join(module, "go.mod"), "utf8");
  const line = text.split("\n").find((each) => each.trim().startsWith(`${source} v`));
  const [, version] = / v(\S+)/.exec(line ?? "") ?? [];
  if (version === undefined) throw new Error(`${module}/go.mod requires no ${source}.`);
  return version;
}

/** Whether there is a Go to build with. */
export async function hasGo(): Promise<boolean> {
  const child = spawn("go", ["version"], { stdio: "ignore" });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
}

async function build(
  { module, packagePath, title, linkerFlags }: GoProgram,
  version: string,
  target: string,
  report: (line: string) => void,
): Promise<void> {
  report(`${title} ${version} is built from its sources. This happens once per machine and takes about 5 minutes.`);
  const started = Date.now();
  let compiled = 0;
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    report(`${title}: ${compiled} packages compiled, ${seconds} s`);
  }, progressMs);
  const flags = ["-v", "-trimpath", "-mod=readonly", "-ldflags", `-s -w ${linkerFlags(version)}`];
  // Whoever works on the machine meanwhile goes first.
  const child = spawn("nice", ["-n", "10", "go", "build", ...flags, "-o", target, packagePath], {
    cwd: module,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: string[] = [];
  createInterface(child.stderr).on("line", (line) => {
    compiled += 1;
    said.push(line);
  });
  const [code] = await once(child, "close").finally(() => clearInterval(timer));
  if (code !== 0) throw new Error(`${title} could not be built:\n${said.slice(-20).join("\n")}`);
  report(`${title} ${version} is built (${Math.round((Date.now() - started) / 1000)} s).`);
}
