import { createSecretStore, type SecretStore } from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import { type AzureAccess, requireUsableAzureAccess } from "./azure-access.ts";
import { AzureConnection } from "./azure-connection.ts";
import { AzureDriver } from "./azure-driver.ts";
import { AzureSecret } from "./azure-secret.ts";

/** A secret of Azure Key Vault. Azure takes upper-case letters for lower-case ones, so a place has none. */
export type AzurePlace = {
  /** Name of the vault, such as `my-vault`, or its host in another cloud of Azure: `my-vault.vault.azure.cn` or `...usgovcloudapi.net`. */
  readonly vault: string;
  /** Name of the secret: lower-case letters, digits and `-`. */
  readonly secret: string;
};

/** Which secret, and how it is reached. */
export type AzureSecretStoreOptions = AzureAccess & AzurePlace;

const publicCloud = ".vault.azure.net";

/** URI of a place: `azure-key-vault://my-vault/ci-token`. */
export function azureDestination({ vault, secret }: AzurePlace): string {
  const segments = [nameOf(vault), secret].map((segment) => encodeURIComponent(segment.toWellFormed()));
  return `azure-key-vault://${segments.join("/")}`;
}

/** The place a URI names; undefined when it names none. */
export function parseAzureDestination(destination: string): AzurePlace | undefined {
  const [, vault, secret] = /^azure-key-vault:\/\/([a-z0-9.-]+)\/([a-z0-9-]+)$/.exec(destination) ?? [];
  if (vault === undefined || secret === undefined) return undefined;
  return { vault: nameOf(vault), secret };
}

/** A vault of the public cloud goes by its name, any other by its host. */
function nameOf(vault: string): string {
  return vault.endsWith(publicCloud) ? vault.slice(0, -publicCloud.length) : vault;
}

/**
 * Opens a place. Connects to nothing yet; the client of Azure is loaded when it is first used.
 *
 * @throws SecretStoreError `secret_store_invalid_argument`
 */
export function openAzureSecretStore(options: AzureSecretStoreOptions): SecretStore {
  const destination = azureDestination(options);
  const { vault, secret } = options;
  for (const [what, value, form] of [
    ["vault", vault, /^[a-z][a-z0-9-]{1,22}[a-z0-9](?:\.vault\.(?:azure\.net|azure\.cn|usgovcloudapi\.net))?$/],
    ["secret", secret, /^[a-z0-9-]{1,127}$/],
  ] as const) {
    if (form.test(value)) continue;
    const message = `The name of the ${what} is none that Azure Key Vault can have, in lower case.`;
    throw new SecretStoreError("secret_store_invalid_argument", destination, message);
  }
  requireUsableAzureAccess(options, destination);
  const host = vault.includes(".") ? vault : `${vault}${publicCloud}`;
  const connection = new AzureConnection(options, destination, host);
  return createSecretStore(new AzureDriver(new AzureSecret(connection, secret), options, destination));
}
