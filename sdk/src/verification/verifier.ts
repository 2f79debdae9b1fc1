import type { ApiTokenSummary, Client, InactiveReason, PresentedToken, Verification } from "../client.ts";
import { isWellFormedToken } from "../token-text.ts";
import { readAddress } from "./address.ts";
import { BatchedVerification, type SendBatch } from "./batched-verification.ts";
import { type BreakerOptions, CircuitBreaker, CircuitOpenError } from "./circuit-breaker.ts";
import { followChanges } from "./follow-changes.ts";
import { isOutage } from "./is-outage.ts";
import { type CacheOptions, VerificationCache } from "./verification-cache.ts";

/** A token that is live, and whose it is. */
export type VerifiedApiToken = ApiTokenSummary;

/** What a presented token is worth. */
export type Verdict =
  | { readonly outcome: "active"; readonly apiToken: VerifiedApiToken }
  | { readonly outcome: "inactive"; readonly reason: InactiveReason }
  /**
   * The server could not tell. The token may be live. `isOutage` is false when the server is there and refuses: the service's own token
   * is dead, say.
   */
  | { readonly outcome: "unavailable"; readonly error: unknown; readonly isOutage: boolean };

/** How tokens are verified. */
export type VerifierOptions = {
  /** Calls with any live token of the organization: a Developer token is enough. */
  readonly client: Pick<Client, "verifyApiTokens" | "listApiTokenChanges">;
  /** How long a verification may take, in milliseconds. Default 2,000. */
  readonly deadlineMs?: number;
  /** What the tokens of the server start with; others are refused without asking. Default `tok_`. */
  readonly tokenPrefix?: string;
  readonly breaker?: BreakerOptions;
  /** Keeps verifications for seconds. Without it every token is asked for, and a revocation counts at once. */
  readonly cache?: CacheOptions;
  /** Told of failures to reach the server, such as for a log. What it is told never holds a token. */
  readonly onError?: (error: unknown) => void;
};

/** Tells what presented tokens are worth. */
export interface Verifier {
  /** Never throws: a server that cannot tell is an outcome. */
  verify(presented: PresentedToken): Promise<Verdict>;
  /** Ends what runs behind it, so that the process can end. Verifications go on to work, without the cache. */
  close(): void;
}

/**
 * Makes a verifier. Keep one per process: it gathers what comes at the same moment into one request.
 *
 * @throws RangeError when an option of the cache is out of range.
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const { client, deadlineMs = 2000, tokenPrefix = "tok_", onError = () => {} } = options;
  const nowMs = () => performance.now();
  const breaker = new CircuitBreaker(options.breaker ?? {}, nowMs);
  // Not repeated by the client, which would wait where the server says "slow down": that is no outage.
  const call = { deadlineMs, maxAttempts: 1 };
  const send: SendBatch = (presented) => breaker.run(() => sendTwice(() => client.verifyApiTokens(presented, call)));
  const batched = new BatchedVerification(send, deadlineMs);
  const cached = options.cache === undefined ? undefined : new VerificationCache(options.cache, nowMs);
  const end = new AbortController();
  if (cached !== undefined) void followChanges({ client, listener: cached, onError, signal: end.signal });
  return {
    async verify({ token, ip }) {
      if (!isWellFormedToken(token, tokenPrefix)) return { outcome: "inactive", reason: "malformed" };
      try {
        const address = readAddress(ip);
        return verdictOf(await ask({ token, ...(address === undefined ? {} : { ip: address }) }, batched, cached));
      } catch (error) {
        onError(error);
        return { outcome: "unavailable", error, isOutage: isOutage(error) || error instanceof CircuitOpenError };
      }
    },
    close() {
      end.abort();
      cached?.deafen();
    },
  };
}

/** Once more, at once, after an outage: a connection that was kept open may have ended in the meantime. */
async function sendTwice<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!isOutage(error)) throw error;
    return send();
  }
}

/** Asks the server for what the cache does not know. */
async function ask(
  presented: PresentedToken,
  batched: BatchedVerification,
  cache: VerificationCache | undefined,
): Promise<Verification> {
  if (cache === undefined) return batched.verify(presented);
  const digest = await digestOf(presented);
  const known = cache.get(digest);
  if (known !== undefined) return known;
  const mark = cache.mark();
  const verification = await batched.verify(presented);
  cache.put(digest, verification, mark);
  return verification;
}

function verdictOf({ apiToken, active, reason }: Verification): Verdict {
  if (active && apiToken !== null) return { outcome: "active", apiToken };
  return { outcome: "inactive", reason: reason ?? "unknown" };
}

/** Tokens are not kept, not even in memory. */
async function digestOf({ token, ip = "" }: PresentedToken): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${ip} ${token}`));
  return String.fromCharCode(...new Uint8Array(digest));
}
