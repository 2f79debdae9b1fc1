import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readEngineVersion } from "../../provider/testing/engine.ts";
import { cached } from "./cache.ts";

/** A Go module of ours whose one tool is OpenTofu's command. */
const module = fileURLToPath(new URL("opentofu", import.meta.url));
const packagePath = "github.com/opentofu/opentofu/cmd/tofu";
/** How often the build says how far it is, in milliseconds. */
const progressMs = 15_000;

/**
 * The path of the OpenTofu that the matrix runs: the `tofu` on the PATH when it has our version, otherwise one built from its
 * published sources, once per machine. Undefined when neither can be had, because there is no Go.
 *
 * @param report told how the build goes, line by line
 * @throws Error when the build fails
 */
export async function findOpenTofu(report: (line: string) => void): Promise<string | undefined> {
  const version = await requiredVersion();
  if ((await readEngineVersion({ name: "tofu" }, tmpdir())) === version) return "tofu";
  if (!(await hasGo())) return undefined;
  const folder = await cached(`opentofu-${version}`, (target) => build(version, target, report));
  return join(folder, "tofu");
}

/** The version that `go.mod` requires. */
export async function requiredVersion(): Promise<string> {
  const text = await readFile(join(module, "go.mod"), "utf8");
  const [, version] = /^\s*github\.com\/opentofu\/opentofu v(\S+)/m.exec(text) ?? [];
  if (version === undefined) throw new Error("test/support/opentofu/go.mod requires no OpenTofu.");
  return version;
}

async function hasGo(): Promise<boolean> {
  const child = spawn("go", ["version"], { stdio: "ignore" });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
}

async function build(version: string, folder: string, report: (line: string) => void): Promise<void> {
  report(`OpenTofu ${version} is built from its sources. This happens once per machine and takes about 5 minutes.`);
  const started = Date.now();
  let compiled = 0;
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    report(`OpenTofu: ${compiled} packages compiled, ${seconds} s`);
  }, progressMs);
  const flags = [
    "-v",
    "-trimpath",
    "-mod=readonly",
    "-ldflags",
    "-s -w -X github.com/opentofu/opentofu/version.dev=no",
  ];
  const child = spawn("go", ["build", ...flags, "-o", join(folder, "tofu"), packagePath], {
    cwd: module,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: string[] = [];
  createInterface(child.stderr).on("line", (line) => {
    compiled += 1;
    said.push(line);
  });
  const [code] = await once(child, "close").finally(() => clearInterval(timer));
  if (code !== 0) throw new Error(`OpenTofu could not be built:\n${said.slice(-20).join("\n")}`);
  report(`OpenTofu ${version} is built (${Math.round((Date.now() - started) / 1000)} s).`);
}
