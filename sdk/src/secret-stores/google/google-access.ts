import { SecretStoreError } from "../secret-store-error.ts";

/** How Google Secret Manager is reached, and what new secrets get. */
export type GoogleAccess = {
  /** JSON of a credentials file: a service account's key, or what workload identity federation needs. Default: application default credentials. */
  readonly credentials?: string;
  /** An access token of OAuth 2.0, instead of credentials. It is not renewed. */
  readonly accessToken?: string;
  /** E-mail address of a service account that the credentials are exchanged for. They need `iam.serviceAccounts.getAccessToken` on it. */
  readonly impersonateServiceAccount?: string;
  /** Host with an optional port. Default: Google's, or its regional one when the place has a location. */
  readonly endpoint?: string;
  /** Locations a new secret is replicated to. Default: where Google chooses. */
  readonly replicaLocations?: readonly string[];
  /** Key that encrypts a new secret; `{location}` in it stands for the location of each replica. Default: Google's own. */
  readonly kmsKeyName?: string;
  /** After this time, in milliseconds, a version that was replaced is disabled, and by the next write destroyed. Default: it is kept. */
  readonly destroyOldVersionsAfterMs?: number;
  /** Gets access tokens. Default: the client's own. */
  readonly fetch?: typeof fetch;
};

/**
 * Finds faults of the settings before anything is opened.
 * @throws SecretStoreError `secret_store_invalid_argument`; quotes nothing of the settings.
 */
export function requireUsableGoogleAccess(access: GoogleAccess, destination: string): void {
  const { credentials, accessToken, impersonateServiceAccount: account, endpoint, destroyOldVersionsAfterMs } = access;
  const faults = {
    "The endpoint of Google must be a host, or a host and a port.":
      endpoint !== undefined && !/^[a-z0-9.-]{1,253}(:\d{1,5})?$/i.test(endpoint),
    "Set credentials or an access token of Google, not both.": credentials !== undefined && accessToken !== undefined,
    "The access token of Google must be printable characters without spaces.":
      accessToken !== undefined && !/^[!-~]{1,8192}$/.test(accessToken),
    "The service account to impersonate must be its e-mail address.":
      account !== undefined && !/^[a-z0-9.-]{1,100}@[a-z0-9.-]{1,200}$/.test(account),
    "The time after which old versions are destroyed must be positive: hours in the environment, milliseconds in a program.":
      destroyOldVersionsAfterMs !== undefined && !(destroyOldVersionsAfterMs > 0),
  };
  const fault = Object.entries(faults).find(([, isWrong]) => isWrong)?.[0];
  if (fault !== undefined) throw new SecretStoreError("secret_store_invalid_argument", destination, fault);
}

/** Host and port of a place; both empty when the client's own are right. */
export function googleEndpointOf({ endpoint }: GoogleAccess, location: string | undefined) {
  const regional = location === undefined ? "" : `secretmanager.${location}.rep.googleapis.com`;
  const [host = "", port] = (endpoint ?? regional).split(":");
  return { ...(host === "" ? {} : { apiEndpoint: host }), ...(port === undefined ? {} : { port: Number(port) }) };
}
