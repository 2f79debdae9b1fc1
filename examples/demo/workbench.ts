import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CommandResult, createProcesses } from "./processes.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const declaration = fileURLToPath(new URL("main.tf", import.meta.url));

/** A running server, and the Admin token it was initialised with. */
export type RunningServer = { readonly endpoint: string; readonly adminToken: string };

/** A folder of its own with a server and a Terraform workspace, all gone after `close`. */
export interface Workbench {
  /** Holds everything the demo writes. */
  readonly folder: string;
  /** Where the demo's secrets are written. */
  readonly secrets: string;
  /** Name of the command used, `terraform` or `tofu`. */
  readonly terraformCommand: string;
  /** Creates the database and starts the server on a free port of the loopback address. */
  startServer(): Promise<RunningServer>;
  /** Runs Terraform in the workspace, without asking. A plan's exit code 2 means that it is not empty. */
  terraform(command: string, ...args: readonly string[]): Promise<CommandResult>;
  /** Ends what still runs, and removes the folder. */
  close(): Promise<void>;
}

/**
 * Sets up a workbench under the system's temporary folder.
 * @throws Error when neither `terraform` nor `tofu` is on the PATH.
 */
export async function createWorkbench(environment: NodeJS.ProcessEnv): Promise<Workbench> {
  const terraformCommand = findTerraform(environment["PATH"] ?? "");
  const folder = await mkdtemp(join(tmpdir(), "orgtokens-demo-"));
  const processes = createProcesses();
  const workspace = join(folder, "workspace");
  const secrets = join(folder, "secrets");
  const configuration = join(folder, "terraform.rc");
  const provider = JSON.stringify(join(repository, "provider"));
  await mkdir(workspace);
  await writeFile(
    configuration,
    `provider_installation {\n  dev_overrides { "orgtokens/orgtokens" = ${provider} }\n  direct {}\n}\n`,
  );
  await writeFile(join(workspace, "main.tf"), await readDeclaration());

  const inherited = Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(TF_|ORGTOKENS_)/.test(name)));
  let credentials: NodeJS.ProcessEnv = {};

  return {
    folder,
    secrets,
    terraformCommand,
    async startServer() {
      const database = join(folder, "orgtokens.sqlite");
      const initialised = await processes.run(
        "orgtokens-server",
        ["init", "--database", database, "--organization", "Demo Ltd", "--admin-email", "admin@demo.example", "--json"],
        { cwd: folder, environment: inherited },
      );
      const adminToken = parseInitialised(initialised);
      const endpoint = await processes.start("orgtokens-server", ["start", "--database", database, "--port", "0"], {
        cwd: folder,
        environment: inherited,
        ready: (line) => /http:\/\/[0-9.]+:[0-9]+/.exec(line)?.[0],
      });
      credentials = { ORGTOKENS_ENDPOINT: endpoint, ORGTOKENS_API_TOKEN: adminToken };
      return { endpoint, adminToken };
    },
    terraform(command, ...args) {
      const flags = command === "show" ? ["-no-color"] : ["-no-color", "-input=false"];
      return processes.run(terraformCommand, [command, ...flags, ...args], {
        cwd: workspace,
        environment: {
          ...inherited,
          ...credentials,
          TF_CLI_CONFIG_FILE: configuration,
          TF_VAR_secrets: secrets,
          CHECKPOINT_DISABLE: "1",
        },
      });
    },
    async close() {
      await processes.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The declaration in HCL, as Terraform reads it. */
export async function readDeclaration(): Promise<string> {
  return readFile(declaration, "utf8");
}

function findTerraform(path: string): string {
  for (const command of ["terraform", "tofu"]) {
    if (path.split(delimiter).some((folder) => existsSync(join(folder, command)))) return command;
  }
  throw new Error("Neither terraform nor tofu is on the PATH. Install one of them, and run the demo again.");
}

function parseInitialised(result: CommandResult): string {
  if (result.exitCode !== 0) throw new Error(`orgtokens-server init failed:\n${result.output}`);
  const line = result.output.split("\n").find((candidate) => candidate.startsWith("{")) ?? "{}";
  const answer: unknown = JSON.parse(line);
  if (typeof answer !== "object" || answer === null || !("token" in answer) || typeof answer.token !== "string") {
    throw new Error("orgtokens-server init printed no token.");
  }
  return answer.token;
}
