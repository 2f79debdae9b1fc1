import { randomInt } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import type { AuthClient } from "google-auth-library";
import { untilAborted } from "../until-aborted.ts";
import { type GoogleAccess, googleEndpointOf, requireUsableGoogleAccess } from "./google-access.ts";
import { createGoogleAuth, type GoogleCredentials, parseGoogleCredentials } from "./google-credentials.ts";
import {
  explainGoogleCredentialsError,
  explainGoogleError,
  type GoogleCall,
  GoogleCallFailure,
  type GoogleFailure,
  googleFailureOf,
  isQuotaExceeded,
} from "./google-error.ts";

type Opened = { readonly client: SecretManagerServiceClient; readonly auth: AuthClient };

/** Who the access tokens are for. */
const audience = "https://secretmanager.googleapis.com/";
/** How often a call is made that a quota stands in the way of. */
const maxAttempts = 4;
/** The first wait, in milliseconds; each later one is twice as long. */
const firstWaitMs = 250;

/** Speaks to Google Secret Manager through its official client, which is loaded by the first call. */
export class GoogleConnection {
  readonly #access: GoogleAccess;
  readonly #destination: string;
  readonly #location: string | undefined;
  readonly #credentials: GoogleCredentials | undefined;
  #opened: Promise<Opened> | undefined;

  /** @throws SecretStoreError `secret_store_invalid_argument` for settings that cannot be used, such as credentials that are not JSON. */
  constructor(access: GoogleAccess, destination: string, location: string | undefined) {
    requireUsableGoogleAccess(access, destination);
    const { credentials } = access;
    this.#access = access;
    this.#destination = destination;
    this.#location = location;
    this.#credentials = credentials === undefined ? undefined : parseGoogleCredentials(credentials, destination);
  }

  /**
   * Makes one call, which ends with the signal. While a quota is used up, it is made again a few times.
   *
   * @throws GoogleCallFailure for what `expected` names; SecretStoreError for every other failure.
   */
  async call<T>(
    call: GoogleCall,
    expected: readonly GoogleFailure[],
    signal: AbortSignal,
    run: (client: SecretManagerServiceClient) => Promise<readonly [T, ...unknown[]]>,
  ): Promise<T> {
    const client = await this.#withCredentials(signal);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const [answer] = await untilAborted(run(client), signal);
        return answer;
      } catch (error) {
        signal.throwIfAborted();
        const failure = googleFailureOf(error);
        if (failure !== undefined && expected.includes(failure)) throw new GoogleCallFailure(failure);
        if (!isQuotaExceeded(error) || attempt === maxAttempts)
          throw explainGoogleError(error, call, this.#destination);
      }
      const atLeastMs = firstWaitMs * 2 ** (attempt - 1);
      await wait(randomInt(atLeastMs, 2 * atLeastMs), undefined, { signal });
    }
  }

  /** Gives up the connection. */
  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.client.close();
  }

  /** The client keeps its access token; asked for here, what refuses one is told from what refuses the call. */
  async #withCredentials(signal: AbortSignal): Promise<SecretManagerServiceClient> {
    try {
      this.#opened ??= this.#open();
      const { client, auth } = await untilAborted(this.#opened, signal);
      await untilAborted(auth.getRequestHeaders(audience), signal);
      return client;
    } catch (error) {
      signal.throwIfAborted();
      throw explainGoogleCredentialsError(error, this.#destination);
    }
  }

  async #open(): Promise<Opened> {
    try {
      const { SecretManagerServiceClient } = await import("@google-cloud/secret-manager");
      const auth = await createGoogleAuth(this.#access, this.#credentials);
      const endpoint = googleEndpointOf(this.#access, this.#location);
      const client = new SecretManagerServiceClient({ ...endpoint, authClient: auth });
      await client.initialize();
      return { client, auth };
    } catch (error) {
      // The next call tries again: credentials can be there by then.
      this.#opened = undefined;
      throw error;
    }
  }
}
