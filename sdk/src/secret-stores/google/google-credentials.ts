import type { AuthClient, ExternalAccountClientOptions } from "google-auth-library";
import { SecretStoreError } from "../secret-store-error.ts";

/** What a credentials file says. Google advises against taking files of any type from outside; these two are taken. */
export type GoogleCredentials =
  | { readonly type: "service_account"; readonly email: string; readonly key: string }
  | { readonly type: "external_account"; readonly options: ExternalAccountClientOptions };

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

/** The client that gets access tokens. A service account signs its own, and asks nobody. */
export async function createGoogleCredentials(credentials: GoogleCredentials): Promise<AuthClient> {
  const { ExternalAccountClient, JWT } = await import("google-auth-library");
  if (credentials.type === "service_account") {
    const { email, key } = credentials;
    const client = new JWT({ email, key, scopes });
    client.useJWTAccessWithScope = true;
    return client;
  }
  const client = ExternalAccountClient.fromJSON(credentials.options);
  if (client === null) throw new TypeError("These are no credentials of an external account.");
  client.scopes = scopes;
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
