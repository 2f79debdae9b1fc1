import type { ApiToken } from "./api-token.ts";
import type { ApiTokenId } from "./ids.ts";
import type { LastUse } from "./stores.ts";

/** What a {@link LastUseRecorder} needs. */
export type LastUseRecorderOptions = {
  /** Writes uses forward-only. */
  readonly write: (uses: readonly LastUse[]) => Promise<void>;
  /** Told when a write failed; the uses are kept and written with the next ones. */
  readonly onError: (error: unknown) => void;
  /** How long a use may wait, in milliseconds. Default 1000. */
  readonly intervalMs?: number;
};

/** How many tokens are remembered at most before they are written without waiting. */
const maxRemembered = 10_000;

/**
 * Remembers the newest use of each token and writes all of them in one batch, at most `intervalMs` later. The first use
 * of a token is written at once, so that nobody reads "never" about a token that was used.
 */
export class LastUseRecorder {
  readonly #options: LastUseRecorderOptions;
  #uses = new Map<ApiTokenId, LastUse>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: LastUseRecorderOptions) {
    this.#options = options;
  }

  /**
   * Takes note of a use. Resolves at once, but for the first use of a token: then only when it was written, or could not
   * be. Never rejects.
   */
  async record(token: ApiToken, usedAt: Date, ip: string | null): Promise<void> {
    const known = this.#uses.get(token.id);
    if (known === undefined || known.usedAt < usedAt) {
      this.#uses.set(token.id, { organizationId: token.organizationId, apiTokenId: token.id, usedAt, ip });
    }
    if (token.lastUsedAt === null) return this.flush();
    if (this.#uses.size >= maxRemembered) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), this.#options.intervalMs ?? 1000).unref();
  }

  /** Writes what is remembered. Never rejects: a failed write is reported and repeated with the next one. */
  async flush(): Promise<void> {
    await this.#writing;
    // Whoever waited for the same write and came first has taken everything that was remembered until now.
    if (this.#uses.size === 0 || this.#writing !== undefined) return this.#writing;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const uses = this.#uses;
    this.#uses = new Map();
    this.#writing = this.#write(uses).finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #write(uses: ReadonlyMap<ApiTokenId, LastUse>): Promise<void> {
    try {
      await this.#options.write([...uses.values()]);
    } catch (error) {
      for (const [id, use] of uses) if (!this.#uses.has(id)) this.#uses.set(id, use);
      this.#timer ??= setTimeout(() => void this.flush(), this.#options.intervalMs ?? 1000).unref();
      this.#options.onError(error);
    }
  }

  /** Writes what is left and stops. */
  async close(): Promise<void> {
    await this.flush();
    await this.flush();
    clearTimeout(this.#timer);
  }
}
