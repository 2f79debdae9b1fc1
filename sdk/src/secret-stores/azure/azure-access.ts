import { SecretStoreError } from "../secret-store-error.ts";

/**
 * As whom Azure Key Vault is reached, and what becomes of old versions. What is left out, the client of Azure finds in its usual
 * ways: environment variables, workload identity, managed identity, the Azure CLI.
 */
export type AzureAccess = {
  /** The tenant of Microsoft Entra ID. */
  readonly tenantId?: string;
  /** The application, or alone: the managed identity that is assigned by a user. */
  readonly clientId?: string;
  /** Secret of the application. */
  readonly clientSecret?: string;
  /** Path of the application's certificate with its key, PEM, not encrypted. */
  readonly clientCertificatePath?: string;
  /** Path of a file with a token of another issuer that the application trusts. It is read again for each token. */
  readonly federatedTokenFile?: string;
  /** URL of Microsoft Entra ID. Default: that of the vault's cloud. */
  readonly authorityHost?: string;
  /** After this time, in milliseconds, the next write disables a version that was replaced. Default: it stays enabled. */
  readonly disableOldVersionsAfterMs?: number;
};

/**
 * Finds faults of the settings before anything is opened.
 * @throws SecretStoreError `secret_store_invalid_argument`; quotes nothing of the settings.
 */
export function requireUsableAzureAccess(access: AzureAccess, destination: string): void {
  const { tenantId, clientId, authorityHost, disableOldVersionsAfterMs } = access;
  const ways = [access.clientSecret, access.clientCertificatePath, access.federatedTokenFile];
  const given = ways.filter((way) => way !== undefined).length;
  const url = authorityHost === undefined ? undefined : URL.parse(authorityHost);
  const faults = {
    "Give a client secret, a certificate or a federated token for Azure, not several.": given > 1,
    "A client secret, a certificate or a federated token for Azure needs a tenant id and a client id.":
      given === 1 && (tenantId === undefined || clientId === undefined),
    "The tenant id of Azure must be a UUID or a domain.":
      tenantId !== undefined && !/^[0-9a-z][0-9a-z.-]{0,252}$/i.test(tenantId),
    "The authority host of Azure must be an https URL without a path.":
      url !== undefined && (url?.protocol !== "https:" || url.pathname !== "/" || url.username !== ""),
    "The time after which old versions are disabled must be positive: hours in the environment, milliseconds in a program.":
      disableOldVersionsAfterMs !== undefined && !(disableOldVersionsAfterMs > 0),
  };
  const fault = Object.entries(faults).find(([, isWrong]) => isWrong)?.[0];
  if (fault !== undefined) throw new SecretStoreError("secret_store_invalid_argument", destination, fault);
}
