import type { Environment, ReadAccess, SecretStoreKind } from "../secret-store-kind.ts";
import { openVaultSecretStore, parseVaultDestination, type VaultPlace, vaultDestination } from "./vault.ts";
import type { VaultAccess } from "./vault-connection.ts";

/** HashiCorp Vault and OpenBao. */
export const vaultKind: SecretStoreKind<VaultPlace, VaultAccess> = {
  destinationOf: vaultDestination,
  parseDestination: parseVaultDestination,
  readAccess: readVaultAccess,
  open: (place, access) => openVaultSecretStore({ ...place, ...access }),
};

/** By the variables that Vault's own command reads. */
function readVaultAccess(settings: Partial<VaultAccess>, environment: Environment): ReadAccess<VaultAccess> {
  const address = settings.address ?? environment["VAULT_ADDR"];
  const token = settings.token ?? environment["VAULT_TOKEN"];
  const namespace = settings.namespace ?? environment["VAULT_NAMESPACE"];
  if (!address) return { missing: { what: "address of Vault", setting: "address", variable: "VAULT_ADDR" } };
  if (!token) return { missing: { what: "token of Vault", setting: "token", variable: "VAULT_TOKEN" } };
  return { access: { ...settings, address, token, ...(namespace ? { namespace } : {}) } };
}
