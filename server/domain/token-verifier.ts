import type { Clock } from "./clock.ts";
import type { ApiTokenSecretStore } from "./stores.ts";
import { digestToken, isWellFormedToken } from "./token-text.ts";
import { type InactiveReason, judge, type PresentedSecret, type Verdict } from "./verdict.ts";

/** How many secrets one query asks for at most. */
const maxBatchSize = 200;

/** Told that a verification begins; what it returns is told what came of it. */
export type VerificationObserver = () => (outcome: "active" | InactiveReason | "failed") => void;

type Waiting = {
  readonly sha256: string;
  readonly resolve: (found: PresentedSecret | undefined) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Finds out what presented texts are worth. All texts of one tick are asked for in one indexed query against the
 * primary; nothing is cached, so that a revocation counts from its commit on. Writes nothing.
 */
export class TokenVerifier {
  readonly #secrets: Pick<ApiTokenSecretStore, "findPresented">;
  readonly #clock: Clock;
  readonly #observe: VerificationObserver | undefined;
  #waiting: Waiting[] = [];

  constructor(secrets: Pick<ApiTokenSecretStore, "findPresented">, clock: Clock, observe?: VerificationObserver) {
    this.#secrets = secrets;
    this.#clock = clock;
    this.#observe = observe;
  }

  /**
   * Judges a presented text. A malformed one is refused by its checksum, before the database.
   * @throws when the database cannot tell: never "inactive".
   */
  async verify(text: string): Promise<Verdict> {
    const end = this.#observe?.();
    try {
      const verdict = await this.#verify(text);
      end?.(verdict.active ? "active" : verdict.reason);
      return verdict;
    } catch (error) {
      end?.("failed");
      throw error;
    }
  }

  async #verify(text: string): Promise<Verdict> {
    if (!isWellFormedToken(text)) return { active: false, reason: "malformed", presented: undefined };
    const found = await this.#find(digestToken(text).sha256);
    return judge(found, this.#clock.now());
  }

  #find(sha256: string): Promise<PresentedSecret | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#sendAll());
      this.#waiting.push({ sha256, resolve, reject });
    });
  }

  #sendAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let start = 0; start < waiting.length; start += maxBatchSize) {
      void this.#send(waiting.slice(start, start + maxBatchSize));
    }
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    try {
      const found = await this.#secrets.findPresented([...new Set(batch.map(({ sha256 }) => sha256))]);
      const bySha256 = new Map(found.map((presented) => [presented.secret.sha256, presented]));
      for (const { sha256, resolve } of batch) resolve(bySha256.get(sha256));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
