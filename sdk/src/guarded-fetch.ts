import type { Attempt } from "./client.ts";
import { ConnectionError } from "./errors.ts";
import { BodyTooLongError, readBody } from "./read-body.ts";
import { obfuscateToken } from "./token-text.ts";
import { waitFor } from "./wait-for.ts";

/** What one operation may do when it is not answered. */
export type CallPolicy = {
  readonly operationId: string;
  /** Aborted when the caller gives up, or the deadline of the whole call passes. */
  readonly signal: AbortSignal;
  /** Whether sending it again is harmless. */
  readonly isRepeatable: boolean;
  /** How often it is sent at most, if it is repeatable. */
  readonly maxAttempts: number;
  readonly onAttempt: ((attempt: Attempt) => void) | undefined;
};

/** The longest answer that is read, in bytes: a page of 100 tokens takes a twentieth of it. */
const maxBodyBytes = 4 * 1024 * 1024;
/** Not now: of the server, or of a proxy before it. */
const retriedStatuses: readonly number[] = [429, 502, 503, 504];
/** The first pause between attempts, in milliseconds; it doubles, and half of it is random. */
const firstPauseMs = 200;
/** A longer wish of the server is not waited for, in milliseconds. */
const longestPauseMs = 10_000;

/**
 * Sends a request, again where that is harmless: after a connection that failed, and after an answer that says "not now", when
 * `Retry-After` says so. Redirects are not followed,
 * so that no token is sent to anybody else.
 *
 * @throws ConnectionError when no attempt was answered; the signal's reason when the caller gave up.
 */
export async function guardedFetch(send: typeof fetch, request: Request, policy: CallPolicy): Promise<Response> {
  for (let number = 1; ; number += 1) {
    const isLast = number >= policy.maxAttempts || !policy.isRepeatable;
    const tell = observeAttempt(request, policy, number);
    const outcome = await attemptOnce(send, request, policy).catch((error: unknown) => {
      tell(error, undefined);
      throw error;
    });
    const isAnswer = outcome instanceof Response && !retriedStatuses.includes(outcome.status);
    const pauseMs = isAnswer || isLast ? undefined : pauseBefore(number, outcome);
    tell(outcome, pauseMs);
    if (pauseMs !== undefined) await pause(pauseMs, policy);
    else if (outcome instanceof Response) return outcome;
    else throw outcome;
  }
}

/** Begins an attempt; what it returns is told what came of it, an answer or an error. */
function observeAttempt({ method, url }: Request, { operationId, onAttempt }: CallPolicy, number: number) {
  const beganMs = performance.now();
  return (outcome: unknown, retriedAfterMs: number | undefined): void => {
    const answer = outcome instanceof Response ? outcome : undefined;
    const attempt: Attempt = {
      operationId,
      method,
      path: new URL(url).pathname.split("/").map(withoutToken).join("/"),
      number,
      durationMs: performance.now() - beganMs,
      status: answer?.status,
      requestId: answer?.headers.get("x-request-id") ?? undefined,
      error: answer === undefined ? outcome : undefined,
      retriedAfterMs,
    };
    try {
      onAttempt?.(attempt);
    } catch {
      // The answer may hold a secret that is shown this once: who only listens cannot make it lost.
    }
  };
}

/** A token may have been pasted in the place of an id. */
function withoutToken(segment: string): string {
  const shown = obfuscateToken(segment);
  return shown === "****" ? segment : shown;
}

async function attemptOnce(
  send: typeof fetch,
  request: Request,
  policy: CallPolicy,
): Promise<Response | ConnectionError> {
  try {
    const response = await send(request.clone(), { redirect: "manual", signal: policy.signal });
    // Read here, so that an answer that breaks off, or never ends, is no answer.
    const body = await readBody(response, maxBodyBytes);
    const { status, statusText, headers } = response;
    return new Response(body.length === 0 ? null : body, { status, statusText, headers });
  } catch (error) {
    throwIfGivenUp(policy, error);
    return new ConnectionError(
      policy.operationId,
      `${new URL(request.url).origin} does not answer (${reasonOf(error)}).`,
      error,
    );
  }
}

function pauseBefore(attempt: number, outcome: Response | ConnectionError): number {
  const asked = outcome instanceof Response ? readRetryAfter(outcome.headers.get("retry-after")) : 0;
  if (asked > 0) return Math.min(asked, longestPauseMs);
  const pauseMs = firstPauseMs * 2 ** (attempt - 1);
  return pauseMs / 2 + (Math.random() * pauseMs) / 2;
}

/** Seconds, or a time. In milliseconds; 0 when it is neither. */
function readRetryAfter(text: string | null): number {
  if (text === null || text === "") return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : at - Date.now();
}

async function pause(durationMs: number, policy: CallPolicy): Promise<void> {
  await waitFor(durationMs, policy.signal);
  throwIfGivenUp(policy, policy.signal.reason);
}

/** A deadline is a connection that failed; what the caller aborted is the caller's own reason. */
function throwIfGivenUp({ signal, operationId }: CallPolicy, cause: unknown): void {
  if (!signal.aborted) return;
  const reason: unknown = signal.reason;
  if (!(reason instanceof DOMException) || reason.name !== "TimeoutError") throw reason;
  throw new ConnectionError(operationId, "The server did not answer before the deadline.", cause);
}

/** The system's code says it shortest; texts of `fetch` itself say nothing. */
function reasonOf(error: unknown): string {
  if (error instanceof BodyTooLongError) return error.message;
  const cause = error instanceof Error ? error.cause : undefined;
  for (const candidate of [cause, error]) {
    if (typeof candidate === "object" && candidate !== null && "code" in candidate) return String(candidate.code);
  }
  return "the connection failed";
}
