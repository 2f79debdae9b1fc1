import type { ApiToken, Client } from "@orgtokens/sdk";
import { ApiTokenListing, pageSize } from "./api-token-listing.ts";

/** Finds tokens for any number of resources with few requests. */
export type ApiTokenReader = {
  /**
   * Finds a token as the server has it, or had it at most two minutes ago in this run; undefined when there is none with
   * this id. Of any status.
   *
   * @throws ApiError, ConnectionError as the client does: a refusal or a failure is never "none"; the signal's reason.
   */
  find(id: string, options: { readonly signal: AbortSignal }): Promise<ApiToken | undefined>;
  /** To be called after every write of the token: from now on it is asked for anew. */
  forget(id: string): void;
};

/** What a reader works with. */
export type ApiTokenReaderOptions = {
  readonly api: Pick<Client, "listApiTokens">;
  /** Whose tokens are looked for first; undefined looks at all. */
  readonly managedBy: string | undefined;
  /** Who picks tokens by their ids: the server, or the client by walking the whole list, which then is read first. Default: server. */
  readonly filtersIds?: "server" | "client";
  /** Milliseconds that only ever grow. Default: the process's. */
  readonly elapsedMs?: () => number;
};

/** How long what a listing said is taken to be so, in milliseconds. */
const maxAgeMs = 120_000;

/** Makes a reader. Nothing is asked before somebody reads. */
export function createApiTokenReader(options: ApiTokenReaderOptions): ApiTokenReader {
  const reader = new CoalescingReader(options);
  return { find: (id, { signal }) => reader.find(id, signal), forget: (id) => reader.forget(id) };
}

/** Somebody who waits for a token. */
type Reading = {
  readonly id: string;
  readonly answer: (token: ApiToken | undefined) => void;
  readonly fail: (error: unknown) => void;
};

/**
 * Makes one request at a time; whoever comes meanwhile shares the next one. What a request says is what everybody that waits
 * for it is told, and when nobody waits any more, it is given up.
 */
class CoalescingReader {
  readonly #api: ApiTokenReaderOptions["api"];
  readonly #managedBy: string | undefined;
  readonly #filtersIds: "server" | "client";
  readonly #elapsedMs: () => number;
  readonly #waiting = new Set<Reading>();
  readonly #written = new Set<string>();
  #listings: readonly ApiTokenListing[] = [];
  #listedAtMs = 0;
  #isRunning = false;
  #request = new AbortController();

  constructor({ api, managedBy, filtersIds = "server", elapsedMs = () => performance.now() }: ApiTokenReaderOptions) {
    this.#api = api;
    this.#managedBy = managedBy;
    this.#filtersIds = filtersIds;
    this.#elapsedMs = elapsedMs;
  }

  find(id: string, signal: AbortSignal): Promise<ApiToken | undefined> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const leave = (): void => {
        signal.removeEventListener("abort", giveUp);
        this.#waiting.delete(reading);
      };
      const giveUp = (): void => {
        reading.fail(signal.reason);
        if (this.#waiting.size === 0) this.#request.abort();
      };
      const reading: Reading = {
        id,
        answer(token) {
          leave();
          resolve(token);
        },
        fail(error) {
          leave();
          reject(error);
        },
      };
      signal.addEventListener("abort", giveUp);
      this.#waiting.add(reading);
      this.#start();
    });
  }

  forget(id: string): void {
    this.#written.add(id);
  }

  /** Waits until everything that has arrived by now was read, so that it shares one request. */
  #start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    this.#dropOldListings();
    for (let listing = this.#answerKnown(); this.#waiting.size > 0; listing = this.#answerKnown()) {
      if (listing !== undefined && (this.#filtersIds === "client" || listing.isWorthwhile))
        await this.#readListing(listing);
      else await this.#readByIds(listing);
      this.#dropOldListings();
    }
    this.#isRunning = false;
  }

  #dropOldListings(): void {
    if (this.#listings.length > 0 && this.#elapsedMs() - this.#listedAtMs < maxAgeMs) return;
    const filters = this.#managedBy === undefined ? [{}] : [{ managedBy: this.#managedBy }, {}];
    this.#listings = filters.map((filter) => new ApiTokenListing(filter));
    this.#listedAtMs = this.#elapsedMs();
  }

  /** Answers whom the listings can, and says which listing could know of somebody else; undefined when none does. */
  #answerKnown(): ApiTokenListing | undefined {
    for (const reading of this.#unwritten()) {
      const token = this.#listings.map((listing) => listing.find(reading.id)).find((found) => found !== undefined);
      if (token !== undefined) reading.answer(token);
    }
    return this.#unwritten().length === 0 ? undefined : this.#listings.find((listing) => !listing.isComplete);
  }

  /** Whoever waits for a token that a listing may speak about. */
  #unwritten(): readonly Reading[] {
    return [...this.#waiting].filter(({ id }) => !this.#written.has(id));
  }

  async #readListing(listing: ApiTokenListing): Promise<void> {
    await this.#ask(
      () => this.#unwritten(),
      (signal) => listing.readOn({ api: this.#api, signal }),
    );
  }

  async #readByIds(listing: ApiTokenListing | undefined): Promise<void> {
    listing?.chargeRequestByIds();
    const ids = [...new Set([...this.#waiting].map(({ id }) => id))].slice(0, pageSize);
    const readings = [...this.#waiting].filter(({ id }) => ids.includes(id));
    await this.#ask(
      () => readings,
      async (signal) => {
        const { tokens } = await this.#api.listApiTokens({ id: ids, status: "all", limit: pageSize }, { signal });
        if (tokens.some(({ id }) => !ids.includes(id))) throw new Error("The server does not filter tokens by id.");
        const found = new Map(tokens.map((token) => [token.id, token]));
        for (const reading of readings) reading.answer(found.get(reading.id));
      },
    );
  }

  /** Makes a request; when it fails, everybody of whom it was is told why. */
  async #ask(whose: () => readonly Reading[], request: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#request = new AbortController();
    const { signal } = this.#request;
    try {
      await request(signal);
    } catch (error) {
      // Given up because nobody waited: whoever has come since did not ask for it.
      if (signal.aborted) return;
      for (const reading of whose()) reading.fail(error);
    }
  }
}
