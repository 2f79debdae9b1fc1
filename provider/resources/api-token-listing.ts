import type { ApiToken, ApiTokenPage, Client, ListApiTokensQuery } from "@orgtokens/sdk";

/** How many tokens one request can answer. */
export const pageSize = 100;
/** A longer listing is not kept in memory, nor walked. */
const maxPages = 100;
/** What a refresh of 1,000 tokens may cost: the pages of their listing, and one request more. */
const freePages = 11;

/** What a request is made with. */
export type ListingCall = { readonly api: Pick<Client, "listApiTokens">; readonly signal: AbortSignal };

/**
 * A listing of tokens of any status, of which more is known with every page. Whether it pays to walk on is the question of renting
 * or buying: tokens are asked for by id until that has cost what walking would, so that the whole costs at most about twice the
 * least possible, whatever the organization has and the configuration declares.
 */
export class ApiTokenListing {
  readonly #filter: Pick<ListApiTokensQuery, "managedBy">;
  readonly #found = new Map<string, ApiToken>();
  /** Where the next page begins; undefined after the last one. */
  #position: Pick<ListApiTokensQuery, "page" | "cursor"> | undefined = {};
  /** Undefined until the first page was read. */
  #pages: number | undefined;
  #requestsByIds = 0;

  constructor(filter: Pick<ListApiTokensQuery, "managedBy">) {
    this.#filter = filter;
  }

  /** Whether every page was read. */
  get isComplete(): boolean {
    return this.#position === undefined;
  }

  /** Whether the next page is worth a request, rather than asking by ids. The first one is: it tells how many there are. */
  get isWorthwhile(): boolean {
    if (this.isComplete) return false;
    const pages = this.#pages ?? 1;
    if (pages > maxPages) return false;
    const byIds = pages > freePages ? pages - 1 : Math.min(pages - 1, freePages - pages);
    return this.#requestsByIds >= byIds;
  }

  /** A token of the pages read so far. */
  find(id: string): ApiToken | undefined {
    return this.#found.get(id);
  }

  /** Counts a request that was made by ids instead. */
  chargeRequestByIds(): void {
    this.#requestsByIds += 1;
  }

  /** Reads the next page. One that fails changes nothing. */
  async readOn({ api, signal }: ListingCall): Promise<void> {
    const query = { ...this.#filter, status: "all", limit: pageSize, ...this.#position } as const;
    const page = await api.listApiTokens(query, { signal });
    this.#pages ??= Math.max(1, Math.ceil(page.total / pageSize));
    this.#position = positionAfter(page);
    for (const token of page.tokens) this.#found.set(token.id, token);
  }
}

/** A server that has pages only, and no cursors, is walked by page. */
function positionAfter({ nextCursor, nextPage }: Partial<ApiTokenPage>) {
  if (nextCursor === undefined) return typeof nextPage === "number" ? { page: nextPage } : undefined;
  return nextCursor === null ? undefined : { cursor: nextCursor };
}
