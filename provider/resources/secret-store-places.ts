import {
  fileDestination,
  parseFileDestination,
  parseVaultDestination,
  vaultDestination,
} from "@orgtokens/sdk/secret-stores";
import type { SecretStoreSettings } from "./secret-store-attribute.ts";

/** The URI of the place that settings name. Opens nothing. */
export function destinationOf({ file, vault }: SecretStoreSettings): string {
  if (file !== null) return fileDestination(file);
  if (vault !== null) return vaultDestination(vault);
  throw new TypeError("A secret store must be set.");
}

/** The settings of the place that a URI names; undefined when no store has such URIs. */
export function settingsOf(destination: string): SecretStoreSettings | undefined {
  const file = parseFileDestination(destination);
  if (file !== undefined) return { file: { path: file.path }, vault: null };
  const vault = parseVaultDestination(destination);
  if (vault !== undefined) return { file: null, vault: { mount: vault.mount, path: vault.path, key: vault.key } };
  return undefined;
}
