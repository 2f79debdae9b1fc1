import type { ApiToken, Client } from "../client.ts";
import { ApiError } from "../errors.ts";
import type { SecretStore, StoredEntry } from "../secret-stores/secret-store.ts";
import { activateStored } from "./activate-stored.ts";
import { type DeliverApiTokenOptions, type DeliveredApiToken, deliverApiToken } from "./deliver-api-token.ts";
import { DeliveryError } from "./delivery-error.ts";
import { revokeAndDelete } from "./revoke-and-delete.ts";

/**
 * `deliverApiToken` for a server that has the base operations only, through `createBaseClient`. Such a server does not know
 * destinations, so the store's metadata says whether an earlier run has delivered the token already: with `managedBy`, a live
 * token of the same label and role is then adopted.
 *
 * What the base operations cannot give: a token lives from its creation on, and when the answer to the creation is lost, it
 * lives and nobody has it. It stands in the server's list, under its label.
 *
 * @throws DeliveryError `destination_in_use` when the place holds the secret of another live token, before anything is created
 */
export async function deliverToBaseServer(options: DeliverApiTokenOptions): Promise<DeliveredApiToken> {
  const { client, store, signal, replacing } = options;
  const entry = await store.describe(signal === undefined ? {} : { signal });
  const holder = entry?.apiTokenId;
  if (entry === undefined || holder === undefined || holder === replacing) return deliverApiToken(options);
  const apiToken = await findLive(client, holder, signal);
  if (apiToken === undefined) return deliverApiToken(options);
  return adopt(options, apiToken, entry);
}

/** Which token gives way to a new one. */
export type ReplaceOnBaseServerOptions = Omit<DeliverApiTokenOptions, "replacing"> & {
  /** The token that gives way. */
  readonly apiTokenId: string;
  /** The place the secret moves away from; its entry is deleted at the end if it is the old token's. Stays open. */
  readonly previousStore?: SecretStore;
};

/**
 * What a rotation is on a server that cannot rotate: a new token takes the old one's place in the store, and then the old one
 * is revoked. At every moment the store holds a secret that works; but the old secret has no grace period. Running it again
 * after a crash finds the new token in its place and goes on from there.
 *
 * @throws DeliveryError, ApiError, ConnectionError, SecretStoreError
 */
export async function replaceOnBaseServer(options: ReplaceOnBaseServerOptions): Promise<DeliveredApiToken> {
  const { apiTokenId, previousStore, ...delivery } = options;
  const delivered = await deliverToBaseServer({ ...delivery, replacing: apiTokenId });
  const { client, store, signal } = delivery;
  const place = previousStore ?? store;
  await revokeAndDelete({ client, store: place, apiTokenId, ...(signal === undefined ? {} : { signal }) });
  return delivered;
}

async function findLive(
  client: Pick<Client, "getApiToken">,
  id: string,
  signal: AbortSignal | undefined,
): Promise<ApiToken | undefined> {
  try {
    return await client.getApiToken(id, signal === undefined ? {} : { signal });
  } catch (error) {
    if (error instanceof ApiError && error.code === "api_token_not_found") return undefined;
    throw error;
  }
}

async function adopt(
  { client, store, request, signal }: DeliverApiTokenOptions,
  { id, label, role }: ApiToken,
  { fingerprint, version }: StoredEntry,
): Promise<DeliveredApiToken> {
  const isOurs = request.managedBy !== undefined && label === request.label && role === request.role;
  if (!isOurs || fingerprint === undefined) {
    const message = `${store.destination} holds the secret of the live token ${id} ("${label}"), which is not known to be this one. If it is to be managed here, import it by this id; otherwise choose another place, or revoke it.`;
    throw new DeliveryError("destination_in_use", id, message);
  }
  const apiToken = await activateStored(client, { apiTokenId: id, fingerprint }, signal);
  return { apiToken, receipt: { fingerprint, version }, outcome: "adopted", warnings: [] };
}
