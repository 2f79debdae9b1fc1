import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CommandOptions, type CommandResult, runCommand } from "../../support/commands.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const main = fileURLToPath(new URL("./fixtures/main.ts", import.meta.url));

/** A Terraform working directory with the example provider, whose world is a folder. */
export interface AcmeWorkspace {
  readonly folder: string;
  /** Replaces the configuration. */
  write(configuration: string): Promise<void>;
  /** Runs Terraform; any exit code. */
  run(parameters: readonly string[], options?: Partial<CommandOptions>): Promise<CommandResult>;
  /** The attributes in the state of `acme_item.<name>`, and whether it is tainted. */
  state(
    name: string,
  ): { readonly status?: string; readonly attributes: { readonly [name: string]: unknown } } | undefined;
  /** Whether the provider left word of an event. */
  happened(event: string): boolean;
  /** Every provider process that ever started here. */
  processes(): readonly number[];
  /** What providers left of their sockets. */
  sockets(): readonly string[];
}

/** Makes one, removed after the test. */
export async function createAcmeWorkspace(): Promise<AcmeWorkspace> {
  const folder = await temporaryFolder();
  const world = join(folder, "world");
  for (const name of ["bin", "world", "work", "tmp"]) await mkdir(join(folder, name));
  await writeFile(join(folder, "bin/terraform-provider-acme"), `#!/bin/sh\nexec '${process.execPath}' '${main}'\n`, {
    mode: 0o755,
  });
  const cliConfiguration = join(folder, "terraform.rc");
  const overrides = `dev_overrides { "acme/acme" = ${JSON.stringify(join(folder, "bin"))} }`;
  await writeFile(cliConfiguration, `provider_installation {\n  ${overrides}\n  direct {}\n}\n`);
  const environment = {
    PATH: process.env["PATH"],
    HOME: folder,
    TMPDIR: join(folder, "tmp"),
    ACME_FOLDER: world,
    CHECKPOINT_DISABLE: "1",
    TF_CLI_CONFIG_FILE: cliConfiguration,
  };
  const header = 'terraform {\n  required_providers {\n    acme = { source = "acme/acme" }\n  }\n}\n';
  return {
    folder,
    write: (configuration) => writeFile(join(folder, "work/main.tf"), header + configuration),
    run: (parameters, options) =>
      runCommand("terraform", [...parameters, "-no-color"], {
        cwd: join(folder, "work"),
        ...options,
        environment: { ...environment, ...options?.environment },
      }),
    state: (name) => {
      const file = join(folder, "work/terraform.tfstate");
      if (!existsSync(file)) return undefined;
      const state = JSON.parse(readFileSync(file, "utf8"));
      return state.resources.find((resource: { name: string }) => resource.name === name)?.instances[0];
    },
    happened: (event) => existsSync(join(world, "events", event)),
    processes: () => readdirSync(join(world, "processes")).map(Number),
    sockets: () => readdirSync(join(folder, "tmp")).filter((name) => name.startsWith("plugin-")),
  };
}
