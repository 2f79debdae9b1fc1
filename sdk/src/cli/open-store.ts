import { openDestination, type SecretStore } from "../secret-stores/index.ts";
import type { CommandContext } from "./command-context.ts";

/**
 * Opens the place that a URI names, with what the environment says of its store.
 * @throws SecretStoreError
 */
export function openStore({ environment }: CommandContext, destination: string): SecretStore {
  return openDestination(destination, { environment });
}
