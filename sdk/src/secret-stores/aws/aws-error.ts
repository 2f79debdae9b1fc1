import { SecretStoreError } from "../secret-store-error.ts";
import { AwsUnreachableError } from "./aws-request-handler.ts";

/** A call of AWS: what it needs, and what it is about. */
export type AwsCall = {
  /** As a policy names it, such as `secretsmanager:PutSecretValue`. */
  readonly action: string;
  readonly destination: string;
  readonly signal: AbortSignal;
};

/** The name of the error AWS answered with; undefined for anything else. */
export function awsErrorName(error: unknown): string | undefined {
  return error instanceof Error && "$metadata" in error ? error.name : undefined;
}

/**
 * Explains an error of the AWS SDK by its name and status. Neither its words nor the error itself are passed on: they can quote
 * what was sent or answered.
 */
export function explainAwsError(error: unknown, { action, destination, signal }: AwsCall): SecretStoreError {
  signal.throwIfAborted();
  if (error instanceof SecretStoreError) return error;
  const of = (code: SecretStoreError["code"], message: string) => new SecretStoreError(code, destination, message);
  const name = error instanceof Error ? error.name : "";
  const status = statusOf(error);
  if (error instanceof AwsUnreachableError || ["TimeoutError", "AwsUnreachableError"].includes(name)) {
    return of("secret_store_unreachable", "AWS does not answer. Check the region, the endpoint and the network.");
  }
  if (name === "CredentialsProviderError" || name === "TokenProviderError") {
    return of(
      "secret_store_refused",
      "No credentials for AWS were found. Set them in the environment, in a profile, or explicitly.",
    );
  }
  if (refusals.has(name) || status === 401 || status === 403) {
    return of(
      "secret_store_refused",
      `AWS refused ${action} (${shown(name)}). Check the credentials and their policy.`,
    );
  }
  if (throttles.has(name) || (status !== undefined && (status === 429 || status >= 500))) {
    return of("secret_store_unreachable", `AWS cannot do ${action} now (${shown(name)}, ${status ?? "no status"}).`);
  }
  if (name === "ResourceNotFoundException" || name === "ParameterNotFound") {
    return of("secret_store_not_found", `AWS did not find what ${action} is about.`);
  }
  if (status !== undefined && status >= 300 && status < 400) {
    return of(
      "secret_store_unreachable",
      `What answers for AWS redirects (${status}). Set the endpoint to the service.`,
    );
  }
  return of(
    "secret_store_failed",
    `AWS did not do ${action} (${shown(name)}${status === undefined ? "" : `, ${status}`}).`,
  );
}

const refusals: ReadonlySet<string> = new Set([
  "AccessDeniedException",
  "AccessDenied",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "ExpiredTokenException",
  "ExpiredToken",
  "IncompleteSignature",
  "MissingAuthenticationToken",
  "DecryptionFailure",
  "EncryptionFailure",
]);
const throttles: ReadonlySet<string> = new Set([
  "ThrottlingException",
  "TooManyUpdates",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "InternalServiceError",
  "InternalServerError",
]);

/** The name of an error, where it is one; whoever answers at the endpoint chooses it. */
function shown(name: string): string {
  return /^[A-Za-z]{1,60}$/.test(name) ? name : "unknown error";
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}
