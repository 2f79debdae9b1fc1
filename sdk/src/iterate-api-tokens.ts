import type { ApiToken, CallOptions, Client, ListApiTokensQuery } from "./client.ts";

/** How many tokens one request asks for. */
const pageSize = 100;

/**
 * Walks over all tokens that a query matches, newest first, a page at a time. Tokens that are generated meanwhile make it
 * neither skip nor repeat one.
 *
 * @param call applies to each request; its deadline too.
 */
export async function* iterateApiTokens(
  client: Pick<Client, "listApiTokens">,
  query: Omit<ListApiTokensQuery, "page" | "cursor"> = {},
  call?: CallOptions,
): AsyncGenerator<ApiToken, void, undefined> {
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await client.listApiTokens(
      { limit: pageSize, ...query, ...(cursor === undefined ? {} : { cursor }) },
      call,
    );
    yield* page.tokens;
    cursor = page.nextCursor;
  }
}
