import type { ClientSecretCredential, TokenCredential } from "@azure/identity";
import type { AzureAccess } from "./azure-access.ts";

/** Where Entra ID is for vaults outside the public cloud, whose own default the client knows. */
const authorities: readonly (readonly [suffix: string, authority: string])[] = [
  [".vault.azure.cn", "https://login.chinacloudapi.cn"],
  [".vault.usgovcloudapi.net", "https://login.microsoftonline.us"],
];

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
