import type { SecretStoreKind } from "../secret-store-kind.ts";
import { type FileSecretStoreOptions, fileDestination, openFileSecretStore, parseFileDestination } from "./file.ts";

/** Local files. Nothing is needed to reach them. */
export const fileKind: SecretStoreKind<FileSecretStoreOptions, Readonly<Record<never, never>>> = {
  destinationOf: fileDestination,
  parseDestination: parseFileDestination,
  readAccess: () => ({ access: {} }),
  open: openFileSecretStore,
};
