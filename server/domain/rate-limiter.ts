import type { Clock } from "./clock.ts";
import { ProblemError } from "./problem.ts";

/** How much of something is allowed: `quota` at once, given back evenly over the window. */
export type RateLimit = {
  /** Names the limit in `RateLimit` header fields: small letters and hyphens. */
  readonly name: string;
  /** At least 1. */
  readonly quota: number;
  readonly windowSeconds: number;
};

/** What a key has left of a limit. */
export type RateState = {
  readonly limit: RateLimit;
  /** Whether what was asked for was more than was left. */
  readonly isExceeded: boolean;
  /** How often more, at once. */
  readonly remaining: number;
  /** Until one more is allowed when exceeded, otherwise until everything is given back. In seconds, rounded up. */
  readonly resetSeconds: number;
};

/** How many keys are remembered at most; some 100 bytes each. */
const defaultMaxKeys = 50_000;

/**
 * Counts by key (an address, an e-mail address) in the memory of this process: a token bucket for each. Each replica
 * counts for itself, so that N of them allow N times as much.
 *
 * What is remembered of a key is one number: when all it took is given back. A key that has everything is forgotten; when
 * there are more keys than fit, the one that was asked for least recently is.
 */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #clock: Clock;
  readonly #maxKeys: number;
  /** In the order of their last use. */
  readonly #restoredAtMs = new Map<string, number>();

  constructor(limit: RateLimit, clock: Clock, maxKeys = defaultMaxKeys) {
    this.#limit = limit;
    this.#clock = clock;
    this.#maxKeys = maxKeys;
  }

  /** Takes one for `key` if one is left. What is exceeded takes nothing, so that waiting always helps. */
  take(key: string): RateState {
    const nowMs = this.#clock.now().getTime();
    const takenMs = this.#takenMs(key, nowMs);
    const exceeded = takenMs + this.#intervalMs > this.#windowMs + roundingMs;
    this.#remember(key, nowMs, nowMs + takenMs + (exceeded ? 0 : this.#intervalMs));
    return exceeded ? this.#exceeded(takenMs) : this.#allowed(takenMs + this.#intervalMs);
  }

  /** What `key` has left. Takes nothing; exceeded when nothing is left to take. */
  peek(key: string): RateState {
    const takenMs = this.#takenMs(key, this.#clock.now().getTime());
    const exceeded = takenMs + this.#intervalMs > this.#windowMs + roundingMs;
    return exceeded ? this.#exceeded(takenMs) : this.#allowed(takenMs);
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#restoredAtMs.size;
  }

  get #windowMs(): number {
    return this.#limit.windowSeconds * 1000;
  }

  /** What one costs, in the time it takes to come back. */
  get #intervalMs(): number {
    return this.#windowMs / this.#limit.quota;
  }

  /** A clock set back must not lock anybody out for longer than a window. */
  #takenMs(key: string, nowMs: number): number {
    return Math.min(Math.max((this.#restoredAtMs.get(key) ?? 0) - nowMs, 0), this.#windowMs);
  }

  #remember(key: string, nowMs: number, restoredAtMs: number): void {
    this.#restoredAtMs.delete(key);
    for (const [oldest, at] of this.#restoredAtMs) {
      if (at > nowMs && this.#restoredAtMs.size < this.#maxKeys) break;
      this.#restoredAtMs.delete(oldest);
    }
    this.#restoredAtMs.set(key, restoredAtMs);
  }

  #allowed(takenMs: number): RateState {
    const remaining = Math.floor((this.#windowMs - takenMs + roundingMs) / this.#intervalMs);
    return { limit: this.#limit, isExceeded: false, remaining, resetSeconds: Math.ceil(takenMs / 1000) };
  }

  #exceeded(takenMs: number): RateState {
    const waitMs = takenMs + this.#intervalMs - this.#windowMs;
    return { limit: this.#limit, isExceeded: true, remaining: 0, resetSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
  }
}

/** Sums of thirds of a second are not exact. */
const roundingMs = 0.001;

/**
 * The problem of a limit that is exceeded. The answer says when to come again.
 * @param what is limited, as the start of a sentence: "Too many sign-in links were asked for."
 * @param pointer the place of the request that is sent too often; the credentials when absent.
 */
export function rateLimited(state: RateState, what: string, pointer?: string): ProblemError {
  const message = `must be sent again in ${state.resetSeconds} s at the earliest`;
  return new ProblemError("rate_limited", `${what} Wait ${state.resetSeconds} s.`, {
    rate: state,
    ...(pointer === undefined ? {} : { places: [{ pointer, code: "state_conflict", message }] }),
  });
}
