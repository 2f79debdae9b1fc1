import { withoutOwnCredentials } from "../own-environment.ts";
import type { Environment, ReadAccess, SecretStoreKind } from "../secret-store-kind.ts";
import { type CommandPlace, commandDestination, openCommandSecretStore, parseCommandDestination } from "./command.ts";
import type { CommandAccess, CommandPrograms } from "./command-programs.ts";

/** Entries that programs keep, such as `pass`. */
export const commandKind: SecretStoreKind<CommandPlace, CommandAccess> = {
  destinationOf: commandDestination,
  parseDestination: parseCommandDestination,
  readAccess: readCommandAccess,
  open: (place, access) => openCommandSecretStore({ ...place, ...access }),
};

type CommandSettings = {
  readonly programs?: CommandPrograms;
  readonly programsFile?: string;
  readonly environment?: Environment;
};

function readCommandAccess(settings: CommandSettings, environment: Environment): ReadAccess<CommandAccess> {
  const { programs, environment: ofPrograms = withoutOwnCredentials(environment) } = settings;
  if (programs !== undefined) return { access: { programs, environment: ofPrograms } };
  const programsFile = settings.programsFile ?? environment["ORGTOKENS_PROGRAMS_FILE"];
  if (programsFile) return { access: { programsFile, environment: ofPrograms } };
  return {
    missing: { what: "programs file", setting: "programsFile", variable: "ORGTOKENS_PROGRAMS_FILE" },
  };
}
