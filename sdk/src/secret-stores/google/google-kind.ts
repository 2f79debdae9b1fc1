import { type Environment, readHoursMs, type SecretStoreKind } from "../secret-store-kind.ts";
import type { GoogleAccess } from "./google-access.ts";
import {
  type GooglePlace,
  googleDestination,
  openGoogleSecretStore,
  parseGoogleDestination,
} from "./google-secret-manager.ts";

/** Google Secret Manager. */
export const googleKind: SecretStoreKind<GooglePlace, GoogleAccess> = {
  destinationOf: googleDestination,
  parseDestination: parseGoogleDestination,
  readAccess: (settings, environment) => ({ access: readGoogleAccess(settings, environment) }),
  open: (place, access) => openGoogleSecretStore({ ...access, ...place }),
};

/**
 * What Google's client does not find by itself. It finds application default credentials; the variables are those of Google's own
 * Terraform provider, and count only where the settings say nothing of credentials.
 */
function readGoogleAccess(settings: GoogleAccess, environment: Environment): GoogleAccess {
  const hasOwn = settings.credentials !== undefined || settings.accessToken !== undefined;
  const accessToken = hasOwn ? settings.accessToken : environment["GOOGLE_OAUTH_ACCESS_TOKEN"];
  const account = settings.impersonateServiceAccount ?? environment["GOOGLE_IMPERSONATE_SERVICE_ACCOUNT"];
  const endpoint = settings.endpoint ?? hostOf(environment["GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT"]);
  const locations = environment["ORGTOKENS_GOOGLE_REPLICA_LOCATIONS"];
  const replicaLocations = settings.replicaLocations ?? (locations ? locations.split(",") : undefined);
  const kmsKeyName = settings.kmsKeyName ?? environment["ORGTOKENS_GOOGLE_KMS_KEY_NAME"];
  const destroyOldVersionsAfterMs =
    settings.destroyOldVersionsAfterMs ?? readHoursMs(environment, "ORGTOKENS_GOOGLE_DESTROY_OLD_VERSIONS_AFTER_HOURS");
  return {
    ...settings,
    ...(accessToken ? { accessToken } : {}),
    ...(account ? { impersonateServiceAccount: account } : {}),
    ...(endpoint ? { endpoint } : {}),
    ...(replicaLocations === undefined ? {} : { replicaLocations }),
    ...(kmsKeyName ? { kmsKeyName } : {}),
    ...(destroyOldVersionsAfterMs === undefined ? {} : { destroyOldVersionsAfterMs }),
  };
}

/** Of a URL, as Google's own Terraform provider has it, or of what is a host already. */
function hostOf(endpoint: string | undefined): string | undefined {
  return endpoint?.replace(/^https:\/\//, "").replace(/\/.*$/, "");
}
