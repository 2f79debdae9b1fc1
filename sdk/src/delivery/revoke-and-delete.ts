import type { Client } from "../client.ts";
import type { SecretStore } from "../secret-stores/secret-store.ts";
import { revokeConfirmed } from "./revoke-confirmed.ts";

/** Which token is revoked, and where its secret is. */
export type RevokeAndDeleteOptions = {
  readonly client: Pick<Client, "getApiToken" | "revokeApiToken">;
  /** The place. Stays open. */
  readonly store: SecretStore;
  readonly apiTokenId: string;
  readonly signal?: AbortSignal;
};

/**
 * Revokes a token, then deletes its entry in the store if the entry's metadata names it. Running it again is harmless, also when
 * the token or the entry is gone. Gives the token's label where the organization's policy demands it.
 *
 * @returns what became of the entry.
 * @throws ApiError, ConnectionError, SecretStoreError
 */
export async function revokeAndDelete(
  options: RevokeAndDeleteOptions,
): Promise<{ readonly entry: "deleted" | "absent" | "not_ours" }> {
  const { client, store, apiTokenId, signal } = options;
  const call = signal === undefined ? {} : { signal };
  await revokeConfirmed(client, apiTokenId, call);
  return { entry: await store.delete(apiTokenId, call) };
}
