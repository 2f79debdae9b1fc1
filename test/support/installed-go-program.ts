import { join } from "node:path";
import process from "node:process";
import { cached } from "./cache.ts";
import { runCommand } from "./commands.ts";
import { hasGo } from "./go-program.ts";

/** A program that its own module builds, without anything of ours. */
export type InstalledGoProgram = {
  /** The folder in the cache, without the version. */
  readonly name: string;
  /** The package to build, such as `github.com/rhysd/actionlint/cmd/actionlint`. */
  readonly packagePath: string;
  readonly version: string;
};

/** The path of the program, installed once per machine; undefined where there is no Go. */
export async function installGoProgram(program: InstalledGoProgram): Promise<string | undefined> {
  const { name, packagePath, version } = program;
  if (!(await hasGo())) return undefined;
  const folder = await cached(`${name}-${version}`, async (target) => {
    const environment = { ...process.env, GOBIN: target, GOFLAGS: "-mod=mod" };
    const args = ["install", `${packagePath}@v${version}`];
    const result = await runCommand("go", args, { cwd: target, environment, timeoutMs: 600_000 });
    if (result.exitCode !== 0) throw new Error(`${name} could not be built:\n${result.output}`);
  });
  return join(folder, packagePath.split("/").at(-1) ?? "");
}

/** The program, or a skip of the test that says why; with `CI=true` a failure. */
export async function installGoProgramOrSkip(
  program: InstalledGoProgram,
  skip: (note: string) => void,
): Promise<string | undefined> {
  const path = await installGoProgram(program);
  if (path !== undefined) return path;
  if (process.env["CI"] === "true") throw new Error(`Go is needed to build ${program.name}.`);
  skip(`SKIPPED: there is no Go to build ${program.name} with`);
  return undefined;
}
