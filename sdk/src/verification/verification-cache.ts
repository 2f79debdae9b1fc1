import type { Verification } from "../client.ts";

/** How many verifications are kept, and how long. */
export type CacheOptions = {
  /**
   * How old a verification may be, in milliseconds: 1 to 60,000. Default 5,000. It is the longest that a revoked token can go on
   * to be accepted when the server cannot be heard; otherwise the server's word ends it within a second.
   */
  readonly maxAgeMs?: number;
  /** How many are kept; the one kept longest makes room. Default 10,000. */
  readonly maxEntries?: number;
};

/** When a verification was asked for, and how many changes were known then. */
export type Mark = { readonly atMs: number; readonly changes: number };

type Entry = { readonly verification: Verification; readonly endsAtMs: number; readonly mark: Mark };

/** How many changed tokens are remembered before everything is forgotten. */
const maxChanges = 10_000;

/**
 * Verifications of live tokens, kept for seconds, by digests of what was presented. It keeps nothing until it is told that changes
 * are heard of, and nothing that was asked for before a change of its token became known: an answer may have been on its way then.
 */
export class VerificationCache {
  readonly #maxAgeMs: number;
  readonly #maxEntries: number;
  readonly #nowMs: () => number;
  readonly #entries = new Map<string, Entry>();
  /** The number of the newest change of each token. */
  readonly #changedAt = new Map<string, number>();
  #changes = 0;
  #isHearing = false;

  constructor({ maxAgeMs = 5000, maxEntries = 10_000 }: CacheOptions, nowMs: () => number) {
    if (!(maxAgeMs >= 1 && maxAgeMs <= 60_000)) throw new RangeError("cache.maxAgeMs must be 1 to 60000.");
    if (!(maxEntries >= 1)) throw new RangeError("cache.maxEntries must be at least 1.");
    this.#maxAgeMs = maxAgeMs;
    this.#maxEntries = maxEntries;
    this.#nowMs = nowMs;
  }

  /** What is known of a digest, if that may still be relied on. */
  get(digest: string): Verification | undefined {
    const entry = this.#entries.get(digest);
    if (entry === undefined) return undefined;
    if (entry.endsAtMs > this.#nowMs() && !this.#hasChangedSince(entry.mark, entry.verification)) {
      return entry.verification;
    }
    this.#entries.delete(digest);
    return undefined;
  }

  /** Taken before the server is asked, and given with its answer. Undefined while nothing can be kept. */
  mark(): Mark | undefined {
    return this.#isHearing ? { atMs: this.#nowMs(), changes: this.#changes } : undefined;
  }

  /** Keeps the verification of a live token. */
  put(digest: string, verification: Verification, mark: Mark | undefined): void {
    if (mark === undefined || !this.#isHearing || !verification.active) return;
    if (this.#hasChangedSince(mark, verification)) return;
    const oldest = this.#entries.keys().next();
    if (this.#entries.size >= this.#maxEntries && oldest.done !== true) this.#entries.delete(oldest.value);
    this.#entries.set(digest, { verification, endsAtMs: this.#endOf(verification, mark), mark });
  }

  /** From now on changes are heard of. */
  hear(): void {
    this.#isHearing = true;
  }

  /** Forgets what is known of tokens. */
  forget(apiTokenIds: readonly string[]): void {
    if (this.#changedAt.size + apiTokenIds.length > maxChanges) this.forgetAll();
    this.#changes += 1;
    for (const id of apiTokenIds) this.#changedAt.set(id, this.#changes);
  }

  /** Forgets everything, and answers under way as well. */
  forgetAll(): void {
    this.#entries.clear();
    this.#changedAt.clear();
    this.#changes += 1;
    this.#forgottenAt = this.#changes;
  }

  /** Changes are not heard of any more: nothing is known, and nothing is kept. */
  deafen(): void {
    this.#isHearing = false;
    this.forgetAll();
  }

  #forgottenAt = 0;

  #hasChangedSince({ changes }: Mark, { apiToken }: Verification): boolean {
    if (changes < this.#forgottenAt || apiToken === null) return true;
    return changes < (this.#changedAt.get(apiToken.id) ?? 0);
  }

  /** Counted from the question: an answer may be old when it arrives. */
  #endOf({ apiToken, secret }: Verification, { atMs }: Mark): number {
    const now = Date.now();
    const ends = [apiToken?.expiresAt, secret?.expiresAt].filter((end) => typeof end === "string");
    const lefts = ends.map((end) => Date.parse(end) - now);
    return Math.min(atMs + this.#maxAgeMs, ...lefts.map((leftMs) => this.#nowMs() + leftMs));
  }
}
