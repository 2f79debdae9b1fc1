import { apiTokenNotFound, type ListedApiToken, type Status, statusAt } from "../domain/api-token.ts";
import type { ApiTokenId, OrganizationId } from "../domain/ids.ts";
import type { Stores } from "../domain/stores.ts";

/** A token of the organization and its status.
 * @throws ProblemError `api_token_not_found`. */
export async function getExisting(
  stores: Stores,
  organizationId: OrganizationId,
  id: ApiTokenId,
  now: Date,
): Promise<{ readonly token: ListedApiToken; readonly status: Status }> {
  const token = await stores.apiTokens.findApiToken(organizationId, id, now);
  const status = token === undefined ? undefined : statusAt(token, now);
  if (token === undefined || status === undefined) throw apiTokenNotFound();
  return { token, status };
}
