import type { ApiToken } from "../domain/api-token.ts";
import type { Stores } from "../domain/stores.ts";

/** Another live token of the organization with the same label. */
export async function findNamesake(
  stores: Stores,
  { id, organizationId, label }: Pick<ApiToken, "id" | "organizationId" | "label">,
  now: Date,
): Promise<ApiToken | undefined> {
  const { tokens } = await stores.apiTokens.listApiTokens(
    organizationId,
    { status: "live", label },
    { limit: 1, page: 1 },
    now,
  );
  return tokens.find((token) => token.id !== id);
}
