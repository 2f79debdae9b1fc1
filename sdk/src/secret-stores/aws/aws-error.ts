import { SecretStoreError } from "../secret-store-error.ts";
import { AwsUnreachableError } from "./aws-request-handler.ts";

/** Where an error came up. */
type Occasion = { readonly destination: string; readonly signal: AbortSignal };

/** A call of AWS: what it needs, and what it is about. */
export type AwsCall = Occasion & {
  /** As a policy names it, such as `secretsmanager:PutSecretValue`. */
  readonly action: string;
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
  const of = (code: SecretStoreError["code"], message: string) => new SecretStoreError(code, destination, message);
  const { name, status } = factsOf(error);
  const told = `${shown(name)}${status === undefined ? "" : `, ${status}`}`;
  if (isUnreachable(error))
    return of("secret_store_unreachable", "AWS does not answer. Check the region, the endpoint and the network.");
  if (isRefusal(name, status)) {
    const advice = advices.get(name) ?? "Check the credentials and their policy.";
    return of("secret_store_refused", `AWS refused ${action} (${shown(name)}). ${advice}`);
  }
  if (isBusy(name, status)) return of("secret_store_unreachable", `AWS cannot do ${action} now (${told}).`);
  if (name === "ResourceNotFoundException" || name === "ParameterNotFound")
    return of("secret_store_not_found", `AWS did not find what ${action} is about.`);
  if (status !== undefined && status >= 300 && status < 400) {
    const message = `What answers for AWS redirects (${status}). Set the endpoint to the service.`;
    return of("secret_store_unreachable", message);
  }
  const advice = advices.get(name);
  return of("secret_store_failed", `AWS did not do ${action} (${told}).${advice === undefined ? "" : ` ${advice}`}`);
}

/** Explains why there are no credentials to make a call with. Quotes nothing of where they were looked for. */
export function explainAwsCredentialsError(error: unknown, { destination, signal }: Occasion): SecretStoreError {
  signal.throwIfAborted();
  if (error instanceof SecretStoreError) return error;
  const of = (code: SecretStoreError["code"], message: string) => new SecretStoreError(code, destination, message);
  const { name, status } = factsOf(error);
  if (isUnreachable(error) || isBusy(name, status))
    return of("secret_store_unreachable", "What gives credentials for AWS does not answer now.");
  if (status !== undefined) {
    const advice = advices.get(name) ?? "Check the role, its trust policy, and who assumes it.";
    return of("secret_store_refused", `AWS refused to give credentials (${shown(name)}). ${advice}`);
  }
  const message =
    "No credentials for AWS were found that can be used. Set them in the environment, in a profile, or explicitly; if the profile signs in with single sign-on, sign in again: aws sso login.";
  return of("secret_store_refused", message);
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
  "Throttling",
  "TooManyUpdates",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "InternalServiceError",
  "InternalServerError",
]);

const expired = "The credentials have expired; get new ones.";
const skewed = "Check the secret of the access key, and the clock of this machine.";
const kms = "Check the KMS key, and the rights on it.";
/** What to do about an error, by its name. */
const advices: ReadonlyMap<string, string> = new Map([
  ["ExpiredTokenException", expired],
  ["ExpiredToken", expired],
  ["InvalidSignatureException", skewed],
  ["SignatureDoesNotMatch", skewed],
  ["RequestTimeTooSkewed", "The clock of this machine is wrong."],
  ["RequestExpired", "The clock of this machine is wrong."],
  ["DecryptionFailure", kms],
  ["EncryptionFailure", kms],
  ["InvalidKeyId", kms],
  ["LimitExceededException", "A quota of the account is used up."],
  ["ParameterLimitExceeded", "A quota of the account is used up."],
  ["ParameterMaxVersionLimitExceeded", "Its oldest version has a label: remove the label, so that AWS can drop it."],
  ["ParameterPatternMismatchException", "The parameter has an allowed pattern that no API token has: remove it."],
]);

function isUnreachable(error: unknown): boolean {
  return error instanceof AwsUnreachableError || ["TimeoutError", "AwsUnreachableError"].includes(factsOf(error).name);
}

function isRefusal(name: string, status: number | undefined): boolean {
  return refusals.has(name) || status === 401 || status === 403;
}

function isBusy(name: string, status: number | undefined): boolean {
  return throttles.has(name) || (status !== undefined && (status === 429 || status >= 500));
}

/** The name of an error, where it is one; whoever answers at the endpoint chooses it. */
function shown(name: string): string {
  return /^[A-Za-z]{1,60}$/.test(name) ? name : "unknown error";
}

function factsOf(error: unknown): { readonly name: string; readonly status: number | undefined } {
  const name = error instanceof Error ? error.name : "";
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return { name, status: undefined };
  const metadata = error.$metadata;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata))
    return { name, status: undefined };
  return { name, status: typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined };
}
