import type { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import { SecretStoreError } from "../secret-store-error.ts";
import { createGoogleCredentials, type GoogleCredentials, parseGoogleCredentials } from "./google-credentials.ts";

/** How Google Secret Manager is reached, and what new secrets get. */
export type GoogleAccess = {
  /** JSON of a credentials file: a service account's key, or what workload identity federation needs. Default: application default credentials. */
  readonly credentials?: string;
  /** Host with an optional port. Default: Google's, or its regional one when the place has a location. */
  readonly endpoint?: string;
  /** Locations a new secret is replicated to. Default: where Google chooses. */
  readonly replicaLocations?: readonly string[];
  /** Key that encrypts a new secret; `{location}` in it stands for the location of each replica. Default: Google's own. */
  readonly kmsKeyName?: string;
  /** After this time, in milliseconds, a version that was replaced is disabled, and by the next write destroyed. Default: it is kept. */
  readonly destroyOldVersionsAfterMs?: number;
};

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
  invalidArgument: 3,
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

const transient: readonly unknown[] = [
  code.deadlineExceeded,
  code.resourceExhausted,
  code.aborted,
  code.internal,
  code.unavailable,
];

const packages = ["@google-cloud/secret-manager", "google-auth-library"];
const noCredentials =
  "There are no credentials of Google that can be used. Give some, set GOOGLE_APPLICATION_CREDENTIALS, or run where Google's application default credentials are.";

/** Speaks to Google Secret Manager through its official client, which is loaded by the first call. */
export class GoogleConnection {
  readonly #access: GoogleAccess;
  readonly #destination: string;
  readonly #location: string | undefined;
  readonly #credentials: GoogleCredentials | undefined;
  #client: Promise<SecretManagerServiceClient> | undefined;

  /** @throws SecretStoreError `secret_store_invalid_argument` for credentials that are not JSON, or an endpoint that is none. */
  constructor(access: GoogleAccess, destination: string, location: string | undefined) {
    this.#access = access;
    this.#destination = destination;
    this.#location = location;
    if (access.endpoint !== undefined && !/^[a-z0-9.-]{1,253}(:\d{1,5})?$/i.test(access.endpoint))
      throw this.#error(
        "secret_store_invalid_argument",
        "The endpoint of Google must be a host, or a host and a port.",
      );
    const { credentials } = access;
    this.#credentials = credentials === undefined ? undefined : parseGoogleCredentials(credentials, destination);
  }

  /**
   * Makes one call, which ends with the signal.
   *
   * @throws GoogleCallFailure for what `expected` names; SecretStoreError for every other failure.
   */
  async call<T>(
    call: GoogleCall,
    expected: readonly GoogleFailure[],
    signal: AbortSignal,
    run: (client: SecretManagerServiceClient) => Promise<readonly [T, ...unknown[]]>,
  ): Promise<T> {
    const client = await untilAborted(this.#open(), signal);
    try {
      const [answer] = await untilAborted(run(client), signal);
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      const status = codeOf(error);
      const failure = expectedFailures.get(status);
      if (failure !== undefined && expected.includes(failure)) throw new GoogleCallFailure(failure);
      throw this.#explain(call, status);
    }
  }

  /** Gives up the connection. */
  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    await client?.close();
  }

  #open(): Promise<SecretManagerServiceClient> {
    this.#client ??= this.#load();
    return this.#client;
  }

  async #load(): Promise<SecretManagerServiceClient> {
    try {
      const { SecretManagerServiceClient } = await import("@google-cloud/secret-manager");
      const [host, port] = this.#endpoint().split(":");
      const client = new SecretManagerServiceClient({
        ...(host === undefined || host === "" ? {} : { apiEndpoint: host }),
        ...(port === undefined ? {} : { port: Number(port) }),
        ...(this.#credentials === undefined ? {} : { authClient: await createGoogleCredentials(this.#credentials) }),
      });
      await client.initialize();
      return client;
    } catch (error) {
      // Without the cause: it can quote the credentials.
      const isMissing = codeOf(error) === "ERR_MODULE_NOT_FOUND";
      throw isMissing
        ? this.#error("secret_store_invalid_argument", `Packages are missing: npm install ${packages.join(" ")}`)
        : this.#error("secret_store_refused", noCredentials);
    }
  }

  #endpoint(): string {
    const { endpoint } = this.#access;
    return endpoint ?? (this.#location === undefined ? "" : `secretmanager.${this.#location}.rep.googleapis.com`);
  }

  #explain({ permission, resource }: GoogleCall, status: unknown): SecretStoreError {
    if (status === code.permissionDenied) return this.refused([permission], resource);
    if (status === code.unauthenticated)
      return this.#error("secret_store_refused", "Google does not accept the credentials.");
    if (status === code.notFound)
      return this.#error("secret_store_not_found", `Google has nothing at ${resource}. Check project and location.`);
    if (transient.includes(status))
      return this.#error("secret_store_unreachable", `Google Secret Manager does not answer now (code ${status}).`);
    const told = typeof status === "number" ? ` (code ${status})` : "";
    return this.#error("secret_store_failed", `Google Secret Manager refused ${permission} on ${resource}${told}.`);
  }

  /** The error of credentials that lack permissions. */
  refused(permissions: readonly string[], resource: string): SecretStoreError {
    const list = permissions.join(", ");
    const message = `Google's credentials may not do that. They need on ${resource}: ${list}.`;
    return this.#error("secret_store_refused", message);
  }

  #error(kind: SecretStoreError["code"], message: string): SecretStoreError {
    return new SecretStoreError(kind, this.#destination, message);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** A call of the client ends with the signal: at once for the caller, and on the wire as soon as the client can. */
async function untilAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => {
    if ("cancel" in call && typeof call.cancel === "function") call.cancel();
    reject(signal.reason);
  };
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([call, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
