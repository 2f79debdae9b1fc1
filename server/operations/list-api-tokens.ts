import { type ApiTokenId, parseId } from "../domain/ids.ts";
import type { AdminPrincipal } from "../domain/principal.ts";
import { invalidRequest, ProblemError } from "../domain/problem.ts";
import { apiTokenAnswer } from "./api-token-answer.ts";
import type { Operation } from "./operation.ts";

const defaultLimit = 10;

/** Lists the organization's tokens, newest first. */
export const listApiTokens: Operation<"listApiTokens", AdminPrincipal> = async (services, { principal, query }) => {
  if (query.page !== undefined && query.cursor !== undefined) {
    throw invalidRequest({
      pointer: "/query/cursor",
      code: "fields_conflict",
      message: "must not be given together with page",
    });
  }
  const now = services.clock.now();
  const limit = query.limit ?? defaultLimit;
  const page = query.page ?? 1;
  const { tokens, total } = await services.database.stores.apiTokens.listApiTokens(
    principal.organizationId,
    {
      status: query.status ?? "live",
      ...(query.label === undefined ? {} : { label: query.label }),
      ...(query.search === undefined ? {} : { search: query.search }),
      ...(query.destination === undefined ? {} : { destination: query.destination }),
      ...(query.managedBy === undefined ? {} : { managedBy: query.managedBy }),
    },
    // One more than asked for tells whether there is a next page.
    { limit, page, ...(query.cursor === undefined ? {} : { after: parseId<ApiTokenId>(query.cursor) }) },
    now,
  );
  const pages = Math.max(1, Math.ceil(total / limit));
  if (page > pages) throw pageOutOfRange(pages);
  const shown = tokens.slice(0, limit);
  const hasMore = tokens.length > limit;
  return {
    tokens: shown.map((token) => apiTokenAnswer(token, now)),
    total,
    nextPage: hasMore && query.cursor === undefined ? page + 1 : null,
    nextCursor: hasMore ? (shown.at(-1)?.id ?? null) : null,
  };
};

function pageOutOfRange(pages: number): ProblemError {
  return new ProblemError(
    "page_out_of_range",
    pages === 1 ? "There is 1 page." : `There are ${pages} pages. Ask for one of them.`,
    {
      places: [{ pointer: "/query/page", code: "value_too_large", message: `must be at most ${pages}` }],
    },
  );
}
