import type { ClientSecretCredential, TokenCredential } from "@azure/identity";
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

/** Where Entra ID is for vaults outside the public cloud, whose own default the client knows. */
const authorities: readonly (readonly [suffix: string, authority: string])[] = [
  [".vault.azure.cn", "https://login.chinacloudapi.cn"],
  [".vault.usgovcloudapi.net", "https://login.microsoftonline.us"],
];

/**
 * Finds faults of the settings before anything is opened.
 * @throws SecretStoreError `secret_store_invalid_argument`; quotes nothing of the settings.
 */
export function requireUsableAzureAccess(access: AzureAccess, destination: string): void {
  const { tenantId, clientId, authorityHost } = access;
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
  };
  const fault = Object.entries(faults).find(([, isWrong]) => isWrong)?.[0];
  if (fault !== undefined) throw new SecretStoreError("secret_store_invalid_argument", destination, fault);
}

/**
 * The credential for a vault, explicit settings first. `report` is told of each request for a token whether it was answered: the
 * errors of the client say so in words only.
 */
export async function createAzureCredential(
  access: AzureAccess,
  host: string,
  report: (isAnswered: boolean) => void,
): Promise<TokenCredential> {
  const identity = await import("@azure/identity");
  const { tenantId, clientId, clientSecret, clientCertificatePath, federatedTokenFile } = access;
  const authorityHost = access.authorityHost ?? authorities.find(([suffix]) => host.endsWith(suffix))?.[1];
  const additionalPolicies = [{ policy: reporting(report), position: "perCall" as const }];
  const options = {
    retryOptions: azureRetries,
    additionalPolicies,
    ...(authorityHost === undefined ? {} : { authorityHost }),
  };
  if (tenantId !== undefined && clientId !== undefined) {
    if (clientSecret !== undefined)
      return new identity.ClientSecretCredential(tenantId, clientId, clientSecret, options);
    if (clientCertificatePath !== undefined)
      return new identity.ClientCertificateCredential(tenantId, clientId, clientCertificatePath, options);
    if (federatedTokenFile !== undefined)
      return new identity.WorkloadIdentityCredential({
        ...options,
        tenantId,
        clientId,
        tokenFilePath: federatedTokenFile,
      });
  }
  return new identity.DefaultAzureCredential({
    ...options,
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(clientId === undefined ? {} : { managedIdentityClientId: clientId, workloadIdentityClientId: clientId }),
  });
}

/** Where a machine asks for its managed identity; most machines have none, so no answer there is none to wait for. */
const metadataHost = "169.254.169.254";

function reporting(report: (isAnswered: boolean) => void): PipelinePolicy {
  return {
    name: "orgtokensReporting",
    async sendRequest(request, next) {
      const isOfMachine = URL.parse(request.url)?.hostname === metadataHost;
      try {
        const response = await next(request);
        report(response.status < 500 && response.status !== 429);
        return response;
      } catch (error) {
        report(isOfMachine);
        throw error;
      }
    },
  };
}

type CredentialOptions = NonNullable<ConstructorParameters<typeof ClientSecretCredential>[3]>;
type PipelinePolicy = NonNullable<CredentialOptions["additionalPolicies"]>[number]["policy"];

/** A call has 20 seconds in all. */
export const azureRetries = { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 2000 };
