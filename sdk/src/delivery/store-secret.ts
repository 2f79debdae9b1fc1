import type { Client } from "../client.ts";
import { ApiError } from "../errors.ts";
import type { SecretStore, StoredEntry, StoredReceipt } from "../secret-stores/secret-store.ts";

/** A secret on its way from the server to the store, kept in memory only. */
export type IssuedSecret = { readonly apiTokenId: string; readonly fingerprint: string; readonly token: string };

/**
 * Writes an issued secret to its place. An entry that an earlier token of ours left there is replaced when that token is dead,
 * and never when it lives.
 *
 * @param before what the place held before the secret was issued. If that has changed, another delivery may have put a newer
 *   secret there, which must stay: `secret_store_conflict`.
 */
export async function storeSecret(
  client: Pick<Client, "getApiToken">,
  store: SecretStore,
  { apiTokenId, fingerprint, token }: IssuedSecret,
  before: StoredEntry | undefined,
  signal: AbortSignal | undefined,
): Promise<StoredReceipt> {
  const call = signal === undefined ? {} : { signal };
  const previous = before?.apiTokenId;
  const isReplaceable = previous !== undefined && previous !== apiTokenId && (await isDead(client, previous, call));
  return store.write(
    token,
    { apiTokenId, fingerprint },
    { ...call, expecting: before ?? "absent", ...(isReplaceable ? { replacing: previous } : {}) },
  );
}

async function isDead(
  client: Pick<Client, "getApiToken">,
  id: string,
  call: { readonly signal?: AbortSignal },
): Promise<boolean> {
  try {
    const { status } = await client.getApiToken(id, call);
    return status === "revoked" || status === "expired";
  } catch (error) {
    if (error instanceof ApiError && error.code === "api_token_not_found") return true;
    throw error;
  }
}
