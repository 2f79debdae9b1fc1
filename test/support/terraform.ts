import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type CommandResult, runCommand } from "./commands.ts";

const provider = fileURLToPath(new URL("../../provider", import.meta.url));

/** What a workspace runs with. */
export type WorkspaceOptions = {
  readonly folder: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Folder with the provider's launcher. Default: the provider of this repository. */
  readonly providerFolder?: string;
};

/** A Terraform working directory with the provider of this repository. */
export type Workspace = {
  readonly folder: string;
  /** Replaces the configuration. */
  write(configuration: string): Promise<void>;
  /** Puts a configuration file there as it is. */
  copy(file: string): Promise<void>;
  /** Runs Terraform without asking; any exit code. */
  run(command: string, ...args: readonly string[]): Promise<CommandResult>;
  /** Applies; throws unless it succeeds. */
  apply(...args: readonly string[]): Promise<CommandResult>;
  /** Destroys; throws unless it succeeds. */
  destroy(): Promise<CommandResult>;
  /** Whether a plan is empty; throws when planning fails. */
  isSettled(): Promise<boolean>;
  /** The attributes of a resource in the state; undefined when it is not there. */
  attributes(address: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Every file Terraform wrote, by path. */
  files(): Promise<ReadonlyMap<string, Buffer>>;
};

/** What every configuration starts with. */
export const providerRequirement =
  'terraform {\n  required_providers {\n    orgtokens = { source = "orgtokens/orgtokens" }\n  }\n}\n';

/** The commands that paint, and can be asked not to. */
const painting = new Set(["plan", "apply", "destroy", "import", "validate", "show"]);

/** Makes a working directory below `folder`. */
export async function createWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const folder = join(options.folder, "workspace");
  const cliConfiguration = join(options.folder, "terraform.rc");
  const override = JSON.stringify(options.providerFolder ?? provider);
  await mkdir(folder, { recursive: true });
  await writeFile(
    cliConfiguration,
    `provider_installation {\n  dev_overrides { "orgtokens/orgtokens" = ${override} }\n  direct {}\n}\n`,
  );
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env["PATH"],
    HOME: options.folder,
    CHECKPOINT_DISABLE: "1",
    ...options.environment,
    TF_CLI_CONFIG_FILE: cliConfiguration,
  };
  const run = (command: string, ...args: readonly string[]) =>
    runCommand("terraform", [command, ...(painting.has(command) ? ["-no-color"] : []), ...args], {
      cwd: folder,
      environment,
    });
  const succeed = async (command: string, ...args: readonly string[]) => {
    const result = await run(command, ...args);
    if (result.exitCode !== 0) throw new Error(`terraform ${command} failed:\n${result.output}`);
    return result;
  };
  return {
    folder,
    write: (configuration) => writeFile(join(folder, "main.tf"), providerRequirement + configuration),
    copy: (file) => copyFile(file, join(folder, basename(file))),
    run,
    apply: (...args) => succeed("apply", "-auto-approve", "-input=false", ...args),
    destroy: () => succeed("destroy", "-auto-approve", "-input=false"),
    async isSettled() {
      const result = await run("plan", "-detailed-exitcode", "-input=false");
      if (result.exitCode === 0) return true;
      if (result.exitCode === 2) return false;
      throw new Error(`terraform plan failed:\n${result.output}`);
    },
    attributes: (address) => readAttributes(join(folder, "terraform.tfstate"), address),
    files: () => readFiles(folder),
  };
}

async function readAttributes(
  stateFile: string,
  address: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const [type, name] = address.split(".");
  const state = parseState(await readFile(stateFile, "utf8"));
  return state.resources.find((resource) => resource.type === type && resource.name === name)?.instances[0]?.attributes;
}

type State = {
  readonly resources: readonly {
    readonly type: string;
    readonly name: string;
    readonly instances: readonly { readonly attributes: Readonly<Record<string, unknown>> }[];
  }[];
};

/** Reads a state file: the one place that trusts what Terraform wrote. */
function parseState(json: string): State {
  return JSON.parse(json) as State;
}

async function readFiles(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (path) => [path, await readFile(path)] as const)));
}
