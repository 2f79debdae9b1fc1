import { MissingSettingError, openDestination, type SecretStore, SecretStoreError } from "../secret-stores/index.ts";
import type { CommandContext } from "./command-context.ts";
import { UsageError } from "./exit-code.ts";

/**
 * Opens the place that a URI names, with what the environment says of its store.
 *
 * @param named the flag by which the URI was given, or where else it comes from.
 * @throws UsageError that names it, and says what to write or which variable to set.
 */
export function openStore({ environment }: CommandContext, destination: string, named: string): SecretStore {
  try {
    return openDestination(destination, { environment });
  } catch (error) {
    if (error instanceof MissingSettingError) {
      const { what, variable } = error.missing;
      const message = `${named}: the ${what} is missing, which it takes to reach ${destination}. Set the environment variable ${variable}.`;
      throw new UsageError(message, { cause: error });
    }
    if (!(error instanceof SecretStoreError)) throw error;
    throw new UsageError(`${named}: ${error.message}`, { cause: error });
  }
}
