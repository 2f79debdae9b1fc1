import { revokeAndDelete, revokeConfirmed } from "@orgtokens/sdk/delivery";
import type { DeleteRequest } from "../framework/index.ts";
import { giveUp } from "./api-token-ownership.ts";
import type { apiTokenSchema } from "./api-token-schema.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";
import { requireRevocable } from "./prevent-revoke.ts";
import { withStore } from "./with-store.ts";

type Schema = typeof apiTokenSchema;

/** Revokes the token and deletes its entry, as far as both are still there. */
export async function deleteApiToken(request: DeleteRequest<Schema, OrgtokensClient>): Promise<void> {
  const { state, client, signal, diagnostics } = request;
  requireRevocable(state, "destroyed");
  if (!giveUp(client, state, diagnostics)) return;
  client.tokens.forget(state.id);
  if (state.secret_store === null) return revokeConfirmed(client.api, state.id, { signal });
  if (state.on_destroy === "revoke_and_keep") return revokeConfirmed(client.api, state.id, { signal });
  await withStore(client, state.secret_store, async (store) => {
    const { entry } = await revokeAndDelete({ client: client.api, store, apiTokenId: state.id, signal });
    if (entry !== "not_ours") return;
    diagnostics.warn(
      "The entry of the secret store is left as it is",
      `The metadata of ${store.destination} does not name the token ${state.id}: somebody else wrote it. The token itself is revoked.`,
    );
  });
}
