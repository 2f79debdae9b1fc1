import { formatDestination, parseDestinationParts } from "../destination-uri.ts";
import { createSecretStore, type SecretStore } from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import type { VaultAccess } from "./vault-access.ts";
import { VaultConnection } from "./vault-connection.ts";
import { VaultDriver } from "./vault-driver.ts";
import { isKey } from "./vault-entry.ts";

/** A key of a secret in a KV version 2 secrets engine. */
export type VaultPlace = {
  /** Where the engine is mounted, such as `kv`. */
  readonly mount: string;
  /** Path of the secret inside the mount, such as `ci/orgtokens`. */
  readonly path: string;
  /** Key inside the secret, such as `token`. Other keys are kept. */
  readonly key: string;
};

/** Which Vault, and which place in it. */
export type VaultSecretStoreOptions = VaultAccess & VaultPlace;

/** URI of a place: `vault://kv/ci/orgtokens#token`. */
export function vaultDestination({ mount, path, key }: VaultPlace): string {
  return formatDestination("vault", [mount.split("/").filter(Boolean).join("/"), ...path.split("/")], key);
}

/** The place a URI names; undefined when it names none. */
export function parseVaultDestination(destination: string): VaultPlace | undefined {
  const { segments: [mount, ...path] = [], key } = parseDestinationParts("vault", destination) ?? {};
  if (mount === undefined || path.length === 0 || key === undefined) return undefined;
  return { mount, path: path.join("/"), key };
}

/**
 * Opens a place in HashiCorp Vault (1.10 or later) or OpenBao, KV version 2. Metadata is custom metadata of the entry; every write
 * names the version it expects to replace (check-and-set). The secret is read to find out whether it is still ours only when
 * somebody has written the entry since, and where that is allowed.
 *
 * @throws SecretStoreError `secret_store_invalid_argument` when mount, path, key, address or credentials cannot be used.
 */
export function openVaultSecretStore(options: VaultSecretStoreOptions): SecretStore {
  const { mount, path, key } = options;
  const refuse = (message: string): never => {
    throw new SecretStoreError(
      "secret_store_invalid_argument",
      `vault://${[mount, path].join("/").toWellFormed()}`,
      message,
    );
  };
  for (const [name, value] of Object.entries({ mount, path, key })) {
    if (!value.isWellFormed() || /\p{Cc}/u.test(value)) {
      refuse(`The ${name} must not contain control characters or halves of characters.`);
    }
    if (name !== "key" && value.split("/").some((segment) => ["", ".", ".."].includes(segment))) {
      refuse(`The ${name} must be names separated by single slashes, without "." and "..".`);
    }
  }
  if (!isKey(key)) refuse("The key must have 1 to 112 characters; other than letters and digits count more than once.");
  const destination = vaultDestination(options);
  return createSecretStore(new VaultDriver({ ...options, destination }, new VaultConnection(options, destination)));
}
