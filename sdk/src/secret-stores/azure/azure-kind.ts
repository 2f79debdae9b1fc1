import { type Environment, readHoursMs, type SecretStoreKind } from "../secret-store-kind.ts";
import type { AzureAccess } from "./azure-access.ts";
import { type AzurePlace, azureDestination, openAzureSecretStore, parseAzureDestination } from "./azure-key-vault.ts";

/** Azure Key Vault. */
export const azureKind: SecretStoreKind<AzurePlace, AzureAccess> = {
  destinationOf: azureDestination,
  parseDestination: parseAzureDestination,
  readAccess: (settings, environment) => ({ access: readAzureAccess(settings, environment) }),
  open: (place, access) => openAzureSecretStore({ ...access, ...place }),
};

/** What Azure's client does not find by itself. Credentials it finds, except those of Azure's own Terraform provider. */
function readAzureAccess(settings: AzureAccess, environment: Environment): AzureAccess {
  const authorityHost = settings.authorityHost ?? environment["AZURE_AUTHORITY_HOST"];
  const disableOldVersionsAfterMs =
    settings.disableOldVersionsAfterMs ?? readHoursMs(environment, "ORGTOKENS_AZURE_DISABLE_OLD_VERSIONS_AFTER_HOURS");
  const isSet = settings.tenantId !== undefined || settings.clientId !== undefined;
  return {
    ...(isSet || environment["AZURE_CLIENT_ID"] ? {} : readArmAccess(environment)),
    ...settings,
    ...(authorityHost ? { authorityHost } : {}),
    ...(disableOldVersionsAfterMs === undefined ? {} : { disableOldVersionsAfterMs }),
  };
}

/** Only as a whole: the application and the one way in which it proves itself. */
function readArmAccess(environment: Environment): AzureAccess {
  const { ARM_TENANT_ID: tenantId, ARM_CLIENT_ID: clientId, ARM_CLIENT_SECRET: clientSecret } = environment;
  const { ARM_CLIENT_CERTIFICATE_PATH: clientCertificatePath, ARM_OIDC_TOKEN_FILE_PATH: federatedTokenFile } =
    environment;
  if (!(tenantId && clientId)) return {};
  const application = { tenantId, clientId };
  if (environment["ARM_USE_OIDC"] === "true" && federatedTokenFile) return { ...application, federatedTokenFile };
  if (clientCertificatePath) return { ...application, clientCertificatePath };
  return clientSecret ? { ...application, clientSecret } : {};
}
