import { openFileSecretStore, openVaultSecretStore, type SecretStore } from "@orgtokens/sdk/secret-stores";
import { AttributeError, attributePath, type ConfigureRequest, isUnknown } from "../framework/index.ts";
import type { SecretStoreSettings } from "../resources/secret-store-attribute.ts";
import type { providerSchema } from "./provider-schema.ts";
import type { Environment } from "./settings.ts";

/** How the stores are reached. What is missing is missed by whoever opens a store, not before. */
export type StoreAccess = { readonly vault: VaultConfig };

type VaultConfig = {
  readonly address: string | undefined;
  readonly token: string | undefined;
  readonly namespace: string | undefined;
};

/** `secret_stores` of the provider block. */
export type StoresConfig = ConfigureRequest<typeof providerSchema>["config"]["secret_stores"];

/** Reads how the stores are reached; undefined while something of it is unknown. */
export function readStoreAccess(stores: StoresConfig, environment: Environment): StoreAccess | undefined {
  if (isUnknown(stores)) return undefined;
  const vault = stores?.vault ?? null;
  if (isUnknown(vault)) return undefined;
  const { address = null, token = null, namespace = null } = vault ?? {};
  if (isUnknown(address) || isUnknown(token) || isUnknown(namespace)) return undefined;
  return {
    vault: {
      address: (address ?? environment["VAULT_ADDR"]) || undefined,
      token: (token ?? environment["VAULT_TOKEN"]) || undefined,
      namespace: (namespace ?? environment["VAULT_NAMESPACE"]) || undefined,
    },
  };
}

/**
 * Opens a place.
 * @throws AttributeError when the provider lacks what the store needs.
 */
export function openSecretStore({ file, vault: place }: SecretStoreSettings, access: StoreAccess): SecretStore {
  if (file !== null) return openFileSecretStore(file);
  if (place === null) throw new TypeError("A secret store must be set.");
  const { address, token, namespace } = access.vault;
  if (address === undefined || token === undefined) {
    const [name, variable] = address === undefined ? ["address", "VAULT_ADDR"] : ["token", "VAULT_TOKEN"];
    throw new AttributeError(
      attributePath("secret_store"),
      `Missing ${name} of Vault`,
      `Set "secret_stores.vault.${name}" in the provider block, or the environment variable ${variable}.`,
    );
  }
  return openVaultSecretStore({ ...place, address, token, ...(namespace === undefined ? {} : { namespace }) });
}
