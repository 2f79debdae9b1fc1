import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runCommand } from "./commands.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const madeByTools = new Set(["dist", "node_modules", ".cache"]);

/** The SDK as the registry would have it. */
export type PackedSdk = {
  /** The path of the tarball. */
  readonly tarball: string;
  /** The package.json from which it was packed, after that. */
  readonly manifestAfterwards: string;
};

/**
 * Packs the SDK with `npm pack` in a copy of the repository below `folder`: while npm packs, package.json is another one, which other
 * tests must not meet.
 */
export async function packSdk(folder: string): Promise<PackedSdk> {
  const copy = join(folder, "repository");
  const filter = (path: string) => !madeByTools.has(basename(path));
  await mkdir(copy);
  await cp(join(repository, "sdk"), join(copy, "sdk"), { recursive: true, filter });
  await cp(join(repository, "tsconfig.json"), join(copy, "tsconfig.json"));
  for (const name of ["node_modules", "test"]) await symlink(join(repository, name), join(copy, name));
  await writeJson(join(copy, "package.json"), { name: "orgtokens", private: true, workspaces: ["sdk"] });
  await runNpm(copy, "pack", "--workspace=sdk", `--pack-destination=${folder}`);
  return {
    tarball: join(folder, "orgtokens-sdk-0.1.0.tgz"),
    manifestAfterwards: await readFile(join(copy, "sdk/package.json"), "utf8"),
  };
}

/** A stranger's folder with the packed SDK installed, and nothing of this repository. */
export async function installSdk(folder: string, { tarball }: PackedSdk): Promise<string> {
  const consumer = join(folder, "consumer");
  await mkdir(consumer);
  await writeJson(join(consumer, "package.json"), { name: "consumer", private: true, type: "module" });
  await runNpm(consumer, "install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", tarball);
  return consumer;
}

/** Runs npm as somebody does who stands in `folder`. */
export async function runNpm(folder: string, ...words: readonly string[]): Promise<void> {
  // Where the npm that runs the tests works.
  const { npm_config_local_prefix: _, ...environment } = process.env;
  const { exitCode, output } = await runCommand("npm", words, { cwd: folder, environment, timeoutMs: 300_000 });
  if (exitCode !== 0) throw new Error(`npm ${words[0]} failed:\n${output}`);
}

function writeJson(path: string, value: unknown): Promise<void> {
  return writeFile(path, JSON.stringify(value));
}
