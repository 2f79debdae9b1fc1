/** The documentation of the provider: in the registry's layout, and showing nothing that is not run. */
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { runCommand } from "../support/commands.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { createWorkspace } from "../support/terraform.ts";
import { findTfplugindocs } from "../support/tfplugindocs.ts";

// tfplugindocs is built once per machine.
vi.setConfig({ testTimeout: 660_000 });

const root = fileURLToPath(new URL("../..", import.meta.url));

test("the registry's own tool accepts the documentation, which has a page for everything the schema has", async (context) => {
  const tfplugindocs = await findTfplugindocs();
  if (tfplugindocs === undefined) return skipLoudly(context.skip);
  const folder = await temporaryFolder();
  await cp(join(root, "provider/docs"), join(folder, "docs"), { recursive: true });
  const workspace = await createWorkspace({ folder });
  await workspace.write("");
  const { stdout } = await workspace.run("providers", "schema", "-json");
  // The tool looks for a provider of that name among HashiCorp's own only.
  await writeFile(join(folder, "schema.json"), stdout.replace("/orgtokens/orgtokens", "/hashicorp/orgtokens"));
  const words = ["validate", "--provider-dir", folder, "--provider-name", "orgtokens", "--providers-schema"];
  const environment = { PATH: process.env["PATH"], HOME: folder };
  const result = await runCommand(tfplugindocs, [...words, join(folder, "schema.json")], { cwd: folder, environment });
  expect(result.exitCode, result.output).toBe(0);
  await cp(join(root, "provider/docs/index.md"), join(folder, "docs/resources/no_such_type.md"));
  const broken = await runCommand(tfplugindocs, [...words, join(folder, "schema.json")], { cwd: folder, environment });
  expect(broken.exitCode).not.toBe(0);
});

function skipLoudly(skip: (note: string) => void): void {
  if (process.env["CI"] === "true") throw new Error("Go is needed to build tfplugindocs.");
  skip("SKIPPED: there is no Go to build tfplugindocs with");
}
