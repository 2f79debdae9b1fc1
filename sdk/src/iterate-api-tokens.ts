import type { ApiToken, ApiTokenPage, CallOptions, Client, ListApiTokensQuery } from "./client.ts";

/** How many tokens one request asks for. */
const pageSize = 100;

/**
 * Walks over all tokens that a query matches, newest first, a page at a time. Tokens that are generated meanwhile make it
 * neither skip nor repeat one. A server that has pages only, and no cursors, is walked by page.
 *
 * @param call applies to each request; its deadline too.
 */
export async function* iterateApiTokens(
  client: Pick<Client, "listApiTokens">,
  query: Omit<ListApiTokensQuery, "page" | "cursor"> = {},
  call?: CallOptions,
): AsyncGenerator<ApiToken, void, undefined> {
  let position: Position | undefined = {};
  while (position !== undefined) {
    const page: ApiTokenPage = await client.listApiTokens({ limit: pageSize, ...query, ...position }, call);
    yield* page.tokens;
    position = positionAfter(page);
  }
}

type Position = Pick<ListApiTokensQuery, "page" | "cursor">;

/** Undefined after the last page. */
function positionAfter({ nextCursor, nextPage }: Partial<ApiTokenPage>): Position | undefined {
  if (nextCursor === undefined) return typeof nextPage === "number" ? { page: nextPage } : undefined;
  return nextCursor === null ? undefined : { cursor: nextCursor };
}
