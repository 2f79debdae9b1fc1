import type { SecretStoreKind } from "../secret-store-kind.ts";
import { openVaultSecretStore, parseVaultDestination, type VaultPlace, vaultDestination } from "./vault.ts";
import type { VaultAccess } from "./vault-access.ts";
import { readVaultAccess } from "./vault-environment.ts";

/** HashiCorp Vault and OpenBao. */
export const vaultKind: SecretStoreKind<VaultPlace, VaultAccess> = {
  destinationOf: vaultDestination,
  parseDestination: parseVaultDestination,
  readAccess: readVaultAccess,
  open: (place, access) => openVaultSecretStore({ ...place, ...access }),
};
