import type { Client, PresentedToken, Verification } from "../client.ts";
import { ConnectionError } from "../errors.ts";

/** How many tokens one request holds at most, by the contract. */
const maxBatchSize = 50;
/** How many requests are under way at once. What comes meanwhile shares the next one. */
const maxRequests = 4;

type Waiting = {
  readonly presented: PresentedToken;
  readonly resolve: (verification: Verification) => void;
  readonly reject: (error: unknown) => void;
};

/** What a batch is sent with. */
export type SendBatch = (presented: readonly PresentedToken[]) => ReturnType<Client["verifyApiTokens"]>;

/**
 * Verifies tokens with as few requests as it takes. A token goes out at once while few requests are under way, so that nobody waits
 * for company; under load, all that came meanwhile go together.
 */
export class BatchedVerification {
  readonly #send: SendBatch;
  readonly #deadlineMs: number;
  #waiting: readonly Waiting[] = [];
  #requests = 0;

  /** @param deadlineMs how long a verification may take, with its wait for other requests. */
  constructor(send: SendBatch, deadlineMs: number) {
    this.#send = send;
    this.#deadlineMs = deadlineMs;
  }

  /** @throws ConnectionError when it takes too long; what the request for it throws. */
  async verify(presented: PresentedToken): Promise<Verification> {
    const { promise, resolve, reject } = Promise.withResolvers<Verification>();
    const waiting = { presented, resolve, reject };
    const timer = setTimeout(() => {
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      reject(new ConnectionError("verifyApiTokens", "The server did not answer before the deadline.", undefined));
    }, this.#deadlineMs);
    this.#waiting = [...this.#waiting, waiting];
    this.#sendNext();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #sendNext(): void {
    if (this.#requests >= maxRequests || this.#waiting.length === 0) return;
    const batch = this.#waiting.slice(0, maxBatchSize);
    this.#waiting = this.#waiting.slice(maxBatchSize);
    this.#requests += 1;
    void this.#settle(batch).finally(() => {
      this.#requests -= 1;
      this.#sendNext();
    });
  }

  async #settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const { verifications } = await this.#send(batch.map(({ presented }) => presented));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const verification = verifications[index];
        if (verification === undefined) reject(new TypeError("The server left a token out of its answer."));
        else resolve(verification);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
