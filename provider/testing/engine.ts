import { runCommand } from "./run-command.ts";

/** The program that reads configurations and calls providers. */
export interface Engine {
  readonly name: "terraform" | "tofu";
  /** Its path, or a name to be found on the PATH. Default: `name`. */
  readonly program?: string;
}

/**
 * Asks an engine for its version, such as `1.11.4`; undefined when there is no such program.
 *
 * @param folder where the question is asked, for a program that leaves files behind
 */
export async function readEngineVersion(engine: Engine, folder: string): Promise<string | undefined> {
  const environment = {
    PATH: process.env["PATH"],
    HOME: folder,
    CHECKPOINT_DISABLE: "1",
    TF_CLI_CONFIG_FILE: "/dev/null",
  };
  const asked = await runCommand(engine.program ?? engine.name, ["version", "-json"], {
    cwd: folder,
    environment,
    timeoutMs: 30_000,
  }).catch(() => undefined);
  return /"terraform_version": *"([^"]+)"/.exec(asked?.stdout ?? "")?.[1];
}
