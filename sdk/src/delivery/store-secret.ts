import type { Client } from "../client.ts";
import { ApiError } from "../errors.ts";
import type { SecretStore, StoredReceipt } from "../secret-stores/secret-store.ts";

/** A secret on its way from the server to the store, kept in memory only. */
export type IssuedSecret = { readonly apiTokenId: string; readonly fingerprint: string; readonly token: string };

/**
 * Writes an issued secret to its place. An entry that an earlier token of ours left there is replaced when that token is dead,
 * and never when it lives.
 */
export async function storeSecret(
  client: Pick<Client, "getApiToken">,
  store: SecretStore,
  { apiTokenId, fingerprint, token }: IssuedSecret,
  signal: AbortSignal | undefined,
): Promise<StoredReceipt> {
  const call = signal === undefined ? {} : { signal };
  const entry = await store.describe(call);
  const previous = entry?.apiTokenId;
  const isReplaceable = previous !== undefined && previous !== apiTokenId && (await isDead(client, previous, call));
  return store.write(
    token,
    { apiTokenId, fingerprint },
    { ...call, ...(isReplaceable ? { replacing: previous } : {}) },
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
