import { type Id, parseId } from "../domain/ids.ts";
import { invalidRequest, ProblemError } from "../domain/problem.ts";
import type { PagePosition } from "../domain/stores.ts";

/** How a request names a page. */
export type PageQuery = { readonly page?: number; readonly limit?: number; readonly cursor?: string };

const defaultLimit = 10;

/**
 * Which part of a list a request asks for.
 * @throws ProblemError `request_invalid` when it names both a page and a cursor.
 */
export function readPosition<Listed extends Id>({ page, limit, cursor }: PageQuery): PagePosition<Listed> {
  if (page !== undefined && cursor !== undefined) {
    throw invalidRequest({
      pointer: "/query/cursor",
      code: "fields_conflict",
      message: "must not be given together with page",
    });
  }
  return {
    limit: limit ?? defaultLimit,
    page: page ?? 1,
    ...(cursor === undefined ? {} : { after: parseId<Listed>(cursor) }),
  };
}

/** A page of a list, and what follows it. */
export type Page<Item> = {
  readonly shown: readonly Item[];
  readonly nextPage: number | null;
  readonly nextCursor: string | null;
};

/**
 * Cuts a page out of what a store listed: one more than `limit` when there is a next page.
 * @throws ProblemError `page_out_of_range`.
 */
export function cutPage<Item extends { readonly id: Id }>(
  listed: readonly Item[],
  total: number,
  { limit, page, after }: PagePosition<Id>,
): Page<Item> {
  const pages = Math.max(1, Math.ceil(total / limit));
  if (page > pages) throw pageOutOfRange(pages);
  const shown = listed.slice(0, limit);
  const hasMore = listed.length > limit;
  return {
    shown,
    nextPage: hasMore && after === undefined ? page + 1 : null,
    nextCursor: hasMore ? (shown.at(-1)?.id ?? null) : null,
  };
}

function pageOutOfRange(pages: number): ProblemError {
  return new ProblemError(
    "page_out_of_range",
    pages === 1 ? "There is 1 page." : `There are ${pages} pages. Ask for one of them.`,
    {
      places: [{ pointer: "/query/page", code: "value_too_large", message: `must be at most ${pages}` }],
    },
  );
}
