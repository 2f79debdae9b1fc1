import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { runCommand } from "./commands.ts";

const lockFile = join(tmpdir(), "orgtokens-apt-get.lock");

/**
 * The path of a program that Debian packages, installed where that is possible.
 * @param debianPackage the program's own name when left out.
 * @returns undefined, and says so loudly, when it cannot be had. With `CI=true` that is an error.
 */
export async function findDebianProgram(name: string, debianPackage = name): Promise<string | undefined> {
  const found = find(name) ?? ((await install(debianPackage)) ? find(name) : undefined);
  if (found === undefined) {
    if (process.env["CI"] === "true") throw new Error(`${name} is not installed and cannot be.`);
    process.stderr.write(
      `NOT TESTED: ${name} is not installed and cannot be. Install Debian's package ${debianPackage}.\n`,
    );
  }
  return found;
}

function find(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

async function install(name: string): Promise<boolean> {
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const words of [["update"], ["install", "-y", "--no-install-recommends", name]]) {
    const options = { cwd: "/", environment, timeoutMs: 300_000 };
    // Two tests may need a program at once, and apt-get does not wait for another one.
    const result = await runCommand("flock", [lockFile, "apt-get", ...words], options).catch(() => undefined);
    if (result?.exitCode !== 0) return false;
  }
  return true;
}
