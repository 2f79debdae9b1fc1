import type { Client } from "../client.ts";
import { ApiError } from "../errors.ts";

/**
 * Revokes a token on behalf of somebody who named it by its id. Where the organization's policy demands the label, the label that
 * the token has is given: the policy is there for people, who pick from a list. Succeeds when the token is gone already.
 *
 * @throws ApiError, ConnectionError
 */
export async function revokeConfirmed(
  client: Pick<Client, "getApiToken" | "revokeApiToken">,
  apiTokenId: string,
  call: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  try {
    await client.revokeApiToken(apiTokenId, {}, call);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === "api_token_not_found") return;
    if (error.code !== "label_confirmation_missing") throw error;
    const { label } = await client.getApiToken(apiTokenId, call);
    await client.revokeApiToken(apiTokenId, { confirmLabel: label }, call);
  }
}
