import { type ApiTokenId, parseId } from "../domain/ids.ts";
import type { AdminPrincipal } from "../domain/principal.ts";
import { apiTokenAnswer } from "./api-token-answer.ts";
import type { Operation } from "./operation.ts";
import { cutPage, readPosition } from "./page.ts";

/** Lists the organization's tokens, newest first. */
export const listApiTokens: Operation<"listApiTokens", AdminPrincipal> = async (services, { principal, query }) => {
  const position = readPosition<ApiTokenId>(query);
  const now = services.clock.now();
  const { tokens, total } = await services.database.stores.apiTokens.listApiTokens(
    principal.organizationId,
    {
      status: query.status ?? "live",
      ...(query.label === undefined ? {} : { label: query.label }),
      ...(query.search === undefined ? {} : { search: query.search }),
      ...(query.destination === undefined ? {} : { destination: query.destination }),
      ...(query.managedBy === undefined ? {} : { managedBy: query.managedBy }),
      ...(query.id === undefined ? {} : { ids: query.id.map((id) => parseId<ApiTokenId>(id)) }),
    },
    position,
    now,
  );
  const { shown, ...next } = cutPage(tokens, total, position);
  return { tokens: shown.map((token) => apiTokenAnswer(token, now)), total, ...next };
};
