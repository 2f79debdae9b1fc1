import type { ApiToken, Client } from "../client.ts";
import { ApiError } from "../errors.ts";
import { DeliveryError } from "./delivery-error.ts";

/**
 * Activates a secret that is in its place.
 * @throws DeliveryError `delivery_superseded` when another delivery issued a newer one meanwhile.
 */
export async function activateStored(
  client: Pick<Client, "activateApiToken">,
  { apiTokenId, fingerprint }: { readonly apiTokenId: string; readonly fingerprint: string },
  signal: AbortSignal | undefined,
): Promise<ApiToken> {
  try {
    return await client.activateApiToken(apiTokenId, { fingerprint }, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "secret_superseded") throw error;
    const message = `Another delivery of the token ${apiTokenId} ran at the same time and issued a newer secret. Let one of them finish, then repeat this one. (${error.code}, request ${error.requestId})`;
    throw new DeliveryError("delivery_superseded", apiTokenId, message, { cause: error });
  }
}
