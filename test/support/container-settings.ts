import { join } from "node:path";
import { expect } from "vitest";
import { initialiseDatabase, type RunningServer, runServerCommand, startServerProcess } from "./server-command.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { unusedPort } from "./unused-port.ts";

/** What a container runs the server with. */
export type ContainerSettings = {
  /** The command and its flags, as `["start", "--port=8080"]`. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};

/** A server that runs with the settings of a container, and a port for metrics if they name one. */
export type ContainerServer = RunningServer & { readonly metricsEndpoint: string | undefined };

/**
 * Starts the server with the settings of a container, but over an SQLite file and on free ports of loopback. A flag that does not
 * exist fails the start; a variable that no option reads fails the test.
 * @param entry the server's `main.ts`; that of this repository when left out.
 */
export async function startWithSettings(settings: ContainerSettings, entry?: string): Promise<ContainerServer> {
  const folder = await temporaryFolder();
  await expectKnownVariables(folder, settings.environment);
  const database = join(folder, "orgtokens.sqlite");
  await initialiseDatabase(folder, database);
  const [port, metricsPort] = [await unusedPort(), await unusedPort()];
  const replaced: Readonly<Record<string, string>> = {
    "--host": "127.0.0.1",
    "--port": String(port),
    "--metrics-host": "127.0.0.1",
    "--metrics-port": String(metricsPort),
  };
  const [command, ...flags] = settings.args.flatMap(splitFlag);
  expect(command).toBe("start");
  const args = flags.map((word, index) => replaced[flags[index - 1] ?? ""] ?? word);
  const environment = {
    ...settings.environment,
    ORGTOKENS_DATABASE: database,
    ORGTOKENS_HOST: "127.0.0.1",
    ORGTOKENS_PORT: String(port),
  };
  const server = await startServerProcess(args, environment, entry);
  const metricsEndpoint = flags.includes("--metrics-port") ? `http://127.0.0.1:${metricsPort}` : undefined;
  return { ...server, metricsEndpoint };
}

function splitFlag(word: string): readonly string[] {
  const [, flag, value] = /^(--[\w-]+)=(.*)$/su.exec(word) ?? [];
  return flag === undefined || value === undefined ? [word] : [flag, value];
}

async function expectKnownVariables(folder: string, environment: ContainerSettings["environment"]): Promise<void> {
  const { stdout } = await runServerCommand(folder, ["start", "--help"]);
  const own = Object.keys(environment).filter((name) => name.startsWith("ORGTOKENS_"));
  for (const name of own) expect(stdout, `no option reads ${name}`).toContain(`[${name}]`);
}
