import { isOutage } from "./is-outage.ts";

/** When a circuit breaker opens, and for how long. */
export type BreakerOptions = {
  /** After how many outages one after the other it opens. Default 5. */
  readonly failures?: number;
  /** How long nothing is tried then, in milliseconds. Default 1,000. */
  readonly pauseMs?: number;
};

/** Nothing was tried, because the attempts before failed. */
export class CircuitOpenError extends Error {
  override readonly name = "CircuitOpenError";

  constructor() {
    super("The token server failed several times in a row; it is asked again shortly.");
  }
}

/**
 * Spares a server that fails, and those who would wait for it: after some failures in a row nothing is tried for a while, then
 * one attempt decides whether it goes on.
 */
export class CircuitBreaker {
  readonly #maxFailures: number;
  readonly #pauseMs: number;
  readonly #nowMs: () => number;
  #failures = 0;
  #opensAtMs = 0;
  #isProbing = false;

  constructor({ failures = 5, pauseMs = 1000 }: BreakerOptions, nowMs: () => number) {
    this.#maxFailures = failures;
    this.#pauseMs = pauseMs;
    this.#nowMs = nowMs;
  }

  /**
   * Runs an attempt.
   * @throws CircuitOpenError without running it; what it throws.
   */
  async run<T>(attempt: () => Promise<T>): Promise<T> {
    const isClosed = this.#failures < this.#maxFailures;
    if (!isClosed && (this.#isProbing || this.#nowMs() < this.#opensAtMs)) throw new CircuitOpenError();
    this.#isProbing = !isClosed;
    try {
      const result = await attempt();
      this.#failures = 0;
      return result;
    } catch (error) {
      // A refusal is an answer: the server is there.
      this.#failures = isOutage(error) ? this.#failures + 1 : 0;
      this.#opensAtMs = this.#nowMs() + this.#pauseMs;
      throw error;
    } finally {
      if (!isClosed) this.#isProbing = false;
    }
  }
}
