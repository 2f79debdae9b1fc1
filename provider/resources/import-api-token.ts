import { AttributeError, type ImportRequest, rootPath } from "../framework/index.ts";
import type { ApiTokenState } from "./api-token-schema.ts";
import { nothingStored, tokenPart } from "./api-token-state.ts";
import { findApiToken } from "./find-api-token.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";
import { readStored } from "./read-api-token.ts";
import { settingsOf } from "./secret-store-places.ts";

/** The state of a live token that exists already, with the place that the server knows of. */
export async function importApiToken(request: ImportRequest<OrgtokensClient>): Promise<ApiTokenState | null> {
  const { id, client, signal, diagnostics } = request;
  if (!/^[0-9a-f]{24}$/.test(id)) {
    throw new AttributeError(rootPath, "Invalid id", "Import by the token's id: 24 lower-case hexadecimal characters.");
  }
  const token = await findApiToken(client, id, signal);
  if (token === undefined) return null;
  if (token.status !== "active") {
    throw new AttributeError(
      rootPath,
      "The token is not live",
      `It is ${token.status}. Declare a new one instead of importing it.`,
    );
  }
  const secret_store = token.destination === null ? null : (settingsOf(token.destination) ?? null);
  const state: ApiTokenState = {
    secret_store,
    expires_in: null,
    rotate_when_changed: null,
    rotation_grace_period: "24h",
    on_destroy: "revoke_and_delete",
    ...tokenPart(token),
    ...nothingStored,
  };
  return { ...state, ...(await readStored({ client, signal, diagnostics }, state)) };
}
