import type {
  AuthClient,
  AwsClientOptions,
  ExternalAccountClientOptions,
  OAuth2ClientOptions,
  PluggableAuthClientOptions,
} from "google-auth-library";
import { SecretStoreError } from "../secret-store-error.ts";
import type { GoogleAccess } from "./google-access.ts";

/** What a credentials file says. Google advises against taking files of any type from outside; these two are taken. */
export type GoogleCredentials =
  | { readonly type: "service_account"; readonly email: string; readonly key: string }
  | { readonly type: "external_account"; readonly options: ExternalAccountClientOptions };

type AuthLibrary = typeof import("google-auth-library");

const scopes = ["https://www.googleapis.com/auth/cloud-platform"];

/**
 * Reads the text of a credentials file.
 * @throws SecretStoreError `secret_store_invalid_argument`, which quotes nothing of it.
 */
export function parseGoogleCredentials(text: string, destination: string): GoogleCredentials {
  const parsed = parseObject(text);
  if (parsed !== undefined && "type" in parsed) {
    if (isServiceAccount(parsed)) {
      return { type: "service_account", email: parsed.client_email, key: parsed.private_key };
    }
    if (isExternalAccount(parsed)) return { type: "external_account", options: parsed };
  }
  const message =
    "The credentials of Google must be the JSON text, not the path, of a service account's key or of a workload identity federation's configuration.";
  throw new SecretStoreError("secret_store_invalid_argument", destination, message);
}

/** The client that gets access tokens: explicit settings first, then application default credentials. */
export async function createGoogleAuth(
  access: GoogleAccess,
  credentials: GoogleCredentials | undefined,
): Promise<AuthClient> {
  const library = await import("google-auth-library");
  const options = access.fetch === undefined ? {} : { transporterOptions: { fetchImplementation: access.fetch } };
  const source = await createSource(library, access, credentials, options);
  const { impersonateServiceAccount: account } = access;
  return account === undefined ? source : impersonate(library, source, account);
}

async function createSource(
  { GoogleAuth, JWT, OAuth2Client, ...library }: AuthLibrary,
  { accessToken }: GoogleAccess,
  credentials: GoogleCredentials | undefined,
  options: OAuth2ClientOptions,
): Promise<AuthClient> {
  if (accessToken !== undefined) {
    const client = new OAuth2Client(options);
    client.setCredentials({ access_token: accessToken });
    return client;
  }
  if (credentials?.type === "external_account") return createExternalAccount(library, credentials.options, options);
  if (credentials?.type === "service_account") {
    const { email, key } = credentials;
    return signingItself(new JWT({ ...options, email, key, scopes }));
  }
  // Names of resources have the project; without one here, the library asks Google for it.
  const found = await new GoogleAuth({ scopes, projectId: "-", clientOptions: options }).getClient();
  return found instanceof JWT ? signingItself(found) : found;
}

/** A service account signs its own access tokens, and asks nobody. */
function signingItself<Client extends { useJWTAccessWithScope?: boolean }>(client: Client): Client {
  client.useJWTAccessWithScope = true;
  return client;
}

/** What the library makes of such a configuration, without its warning for the console. */
function createExternalAccount(
  { AwsClient, IdentityPoolClient, PluggableAuthClient }: Omit<AuthLibrary, "GoogleAuth" | "JWT" | "OAuth2Client">,
  configuration: ExternalAccountClientOptions,
  options: OAuth2ClientOptions,
): AuthClient {
  const settings = { scopes, ...options };
  if (asksAws(configuration)) return new AwsClient({ ...configuration, ...settings });
  if (runsProgram(configuration)) return new PluggableAuthClient({ ...configuration, ...settings });
  return new IdentityPoolClient({ ...configuration, ...settings });
}

function asksAws(options: ExternalAccountClientOptions): options is AwsClientOptions {
  return "environment_id" in (options.credential_source ?? {});
}

function runsProgram(options: ExternalAccountClientOptions): options is PluggableAuthClientOptions {
  return "executable" in (options.credential_source ?? {});
}

/**
 * Exchanges the access tokens of one identity for those of a service account.
 * @see https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
 */
function impersonate({ OAuth2Client }: AuthLibrary, source: AuthClient, account: string): AuthClient {
  const client = new OAuth2Client();
  const url = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account}:generateAccessToken`;
  client.refreshHandler = async () => {
    const { data } = await source.request<{ readonly accessToken?: unknown; readonly expireTime?: unknown }>({
      url,
      method: "POST",
      data: { scope: scopes },
    });
    return { access_token: String(data.accessToken), expiry_date: Date.parse(String(data.expireTime)) };
  };
  return client;
}

function parseObject(text: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined; // the error quotes the text
  }
}

function isServiceAccount(value: object): value is { readonly client_email: string; readonly private_key: string } {
  return (
    "type" in value &&
    value.type === "service_account" &&
    "client_email" in value &&
    typeof value.client_email === "string" &&
    "private_key" in value &&
    typeof value.private_key === "string"
  );
}

function isExternalAccount(value: object): value is ExternalAccountClientOptions {
  return "type" in value && value.type === "external_account" && "credential_source" in value && "audience" in value;
}
