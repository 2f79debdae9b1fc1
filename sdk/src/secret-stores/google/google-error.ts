import { SecretStoreError } from "../secret-store-error.ts";

/** Failures of a call that its caller deals with. */
export type GoogleFailure = "not_found" | "exists" | "not_possible" | "changed";

/** What a call says that failed in an expected way. */
export class GoogleCallFailure extends Error {
  readonly failure: GoogleFailure;

  constructor(failure: GoogleFailure) {
    super(`Google Secret Manager: ${failure}`);
    this.failure = failure;
  }
}

/** Which call it is, in the words that a role is written in. */
export type GoogleCall = { readonly permission: string; readonly resource: string };

/** Codes of gRPC. What Google says in words is not passed on. @see google/rpc/code.proto */
const code = {
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

const expectedFailures: ReadonlyMap<unknown, GoogleFailure> = new Map<unknown, GoogleFailure>([
  [code.notFound, "not_found"],
  [code.alreadyExists, "exists"],
  [code.failedPrecondition, "not_possible"],
  [code.aborted, "changed"],
]);

const transient: readonly unknown[] = [code.deadlineExceeded, code.aborted, code.internal, code.unavailable];

/** The failure that a call ended with, when callers can expect it. */
export function googleFailureOf(error: unknown): GoogleFailure | undefined {
  return expectedFailures.get(codeOf(error));
}

/** Whether a quota was used up: the call did nothing, and can be made again. */
export function isQuotaExceeded(error: unknown): boolean {
  return codeOf(error) === code.resourceExhausted;
}

/** Explains how a call ended. */
export function explainGoogleError(error: unknown, call: GoogleCall, destination: string): SecretStoreError {
  const of = (kind: SecretStoreError["code"], message: string) => new SecretStoreError(kind, destination, message);
  const { permission, resource } = call;
  const status = codeOf(error);
  if (status === code.permissionDenied) {
    const message = `${lackOf([permission], resource)} In a new project, first enable the API secretmanager.googleapis.com.`;
    return of("secret_store_refused", message);
  }
  if (status === code.unauthenticated) return of("secret_store_refused", "Google does not accept the credentials.");
  if (status === code.notFound)
    return of("secret_store_not_found", `Google has nothing at ${resource}. Check project and location.`);
  if (status === code.resourceExhausted)
    return of("secret_store_unreachable", "A quota of Google Secret Manager is used up. Try again later, or raise it.");
  if (transient.includes(status))
    return of("secret_store_unreachable", `Google Secret Manager does not answer now (code ${status}).`);
  const told = typeof status === "number" ? ` (code ${status})` : "";
  return of("secret_store_failed", `Google Secret Manager refused ${permission} on ${resource}${told}.`);
}

/** The error of credentials that lack permissions. */
export function refusedByGoogle(
  permissions: readonly string[],
  resource: string,
  destination: string,
): SecretStoreError {
  return new SecretStoreError("secret_store_refused", destination, lackOf(permissions, resource));
}

function lackOf(permissions: readonly string[], resource: string): string {
  return `Google's credentials may not do that. They need on ${resource}: ${permissions.join(", ")}.`;
}

/** Explains why there is no access token to call with. Without the cause: it can quote the credentials. */
export function explainGoogleCredentialsError(error: unknown, destination: string): SecretStoreError {
  const of = (kind: SecretStoreError["code"], message: string) => new SecretStoreError(kind, destination, message);
  const reason = codeOf(error);
  if (reason === "ERR_MODULE_NOT_FOUND")
    return of("secret_store_failed", `Packages are missing: npm install ${packages.join(" ")}`);
  const status = statusOf(error);
  if (status === undefined ? isConnectionCode(reason) : status === 429 || status >= 500)
    return of("secret_store_unreachable", "What gives access tokens of Google does not answer now.");
  if (status === undefined) return of("secret_store_refused", noCredentials);
  const message = `Google gives no access token for the credentials (${status}). Sign in again (gcloud auth application-default login), or check the federation and who may impersonate the service account.`;
  return of("secret_store_refused", message);
}

const packages = ["@google-cloud/secret-manager", "google-auth-library"];
const noCredentials =
  "There are no credentials of Google that can be used. Give some, set GOOGLE_APPLICATION_CREDENTIALS, or run where Google's application default credentials are.";

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** The status of HTTP that a request for an access token was answered with. */
function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && "status" in error ? error.status : undefined;
  return typeof status === "number" ? status : undefined;
}

/** Codes of connections that failed. A missing file has one, too, and is no such thing. */
function isConnectionCode(reason: unknown): boolean {
  return typeof reason === "string" && /^(?:E(?:CONN|TIMEDOUT|HOST|NET|PIPE|AI_)|UND_ERR)/.test(reason);
}
