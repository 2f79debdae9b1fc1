import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { cached } from "./cache.ts";
import { runCommand } from "./commands.ts";

const version = "0.25.0";
const packagePath = "github.com/hashicorp/terraform-plugin-docs/cmd/tfplugindocs";

/**
 * The program that says whether a provider's documentation is what Terraform's registry expects, built once per machine.
 * Undefined where there is no Go.
 */
export async function findTfplugindocs(): Promise<string | undefined> {
  if (!(await hasGo())) return undefined;
  const folder = await cached(`tfplugindocs-${version}`, async (target) => {
    const environment = { ...process.env, GOBIN: target, GOFLAGS: "-mod=mod" };
    const args = ["install", `${packagePath}@v${version}`];
    const result = await runCommand("go", args, { cwd: target, environment, timeoutMs: 600_000 });
    if (result.exitCode !== 0) throw new Error(`tfplugindocs could not be built:\n${result.output}`);
  });
  return join(folder, "tfplugindocs");
}

function hasGo(): Promise<boolean> {
  const child = spawn("go", ["version"], { stdio: "ignore" });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
}
