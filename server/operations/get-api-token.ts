import { apiTokenNotFound } from "../domain/api-token.ts";
import { type ApiTokenId, parseId } from "../domain/ids.ts";
import type { AdminPrincipal } from "../domain/principal.ts";
import { taggedApiTokenAnswer } from "./api-token-answer.ts";
import type { Operation } from "./operation.ts";

/** Gets one token of the organization, whatever its status. */
export const getApiToken: Operation<"getApiToken", AdminPrincipal> = async (services, { principal, path }) => {
  const now = services.clock.now();
  const id = parseId<ApiTokenId>(path.id);
  const token = await services.database.stores.apiTokens.findApiToken(principal.organizationId, id, now);
  if (token === undefined) throw apiTokenNotFound();
  return taggedApiTokenAnswer(token, now);
};
