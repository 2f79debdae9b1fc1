import type { Client } from "../client.ts";
import { ApiError } from "../errors.ts";
import { isId } from "../secret-stores/entry-owner.ts";
import type { SecretStore, StoredEntry, StoredReceipt } from "../secret-stores/secret-store.ts";

/** A secret on its way from the server to the store, kept in memory only. */
export type IssuedSecret = {
  readonly apiTokenId: string;
  readonly fingerprint: string;
  readonly organizationId: string;
  readonly label: string;
  /** RFC 3339; null when the token does not expire. */
  readonly expiresAt: string | null;
  readonly token: string;
};

/** What a write must know besides the secret. */
export type StoreSecretOptions = {
  /** What the place held before the secret was issued. */
  readonly before: StoredEntry | undefined;
  /** A token whose entry may be replaced although it lives. */
  readonly replacing?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Writes an issued secret to its place. An entry that an earlier token of ours left there is replaced when that token is dead,
 * and never when it lives. A token of another organization, which can be on another server, is not known to be dead.
 *
 * @throws SecretStoreError `secret_store_conflict` when the place holds something else than `before`: another delivery may have put
 *   a newer secret there, which must stay.
 */
export async function storeSecret(
  client: Pick<Client, "getApiToken">,
  store: SecretStore,
  { apiTokenId, fingerprint, organizationId, label, expiresAt, token }: IssuedSecret,
  { before, replacing, signal }: StoreSecretOptions,
): Promise<StoredReceipt> {
  const call = signal === undefined ? {} : { signal };
  const previous = before?.apiTokenId;
  const isOfAnother = previous !== undefined && previous !== apiTokenId;
  const isForeign = before?.organizationId !== undefined && before.organizationId !== organizationId;
  const isReplaceable = isOfAnother && !isForeign && (previous === replacing || (await isDead(client, previous, call)));
  const owner = {
    apiTokenId,
    fingerprint,
    label,
    // A server with the base operations only may have ids of another form.
    ...(isId(organizationId) ? { organizationId } : {}),
    ...(expiresAt === null ? {} : { expiresAt }),
  };
  return store.write(token, owner, {
    ...call,
    expecting: before ?? "absent",
    ...(isReplaceable ? { replacing: previous } : {}),
  });
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
