import type { ApiToken, Client, CreateApiTokenRequest, CreatedApiToken } from "../client.ts";
import { ApiError } from "../errors.ts";
import type { SecretStore, StoredEntry, StoredReceipt } from "../secret-stores/secret-store.ts";
import { activateStored } from "./activate-stored.ts";
import { DeliveryError } from "./delivery-error.ts";
import type { DeliveryObserver } from "./delivery-step.ts";
import { revokeConfirmed } from "./revoke-confirmed.ts";
import { type IssuedSecret, storeSecret } from "./store-secret.ts";

/** What is to be created, and where its secret goes. */
export type DeliverApiTokenOptions = {
  readonly client: Client;
  /** The place. Stays open. */
  readonly store: SecretStore;
  /** With `managedBy`, a token that an earlier run delivered without recording it is adopted. */
  readonly request: Omit<CreateApiTokenRequest, "activation" | "destination">;
  /** A token that gives way to this one: its entry is replaced although it lives. */
  readonly replacing?: string;
  readonly signal?: AbortSignal;
  readonly observe?: DeliveryObserver;
};

/** A live token whose secret is in its place. */
export type DeliveredApiToken = {
  readonly apiToken: ApiToken;
  readonly receipt: StoredReceipt;
  /** `adopted`: an earlier run had delivered it; nothing was issued. */
  readonly outcome: "created" | "adopted";
  /** What the server accepted, but advises against. */
  readonly warnings: CreatedApiToken["warnings"];
};

/** How long cleaning up may take after a failure, in milliseconds. */
const cleanUpMs = 5000;

/**
 * Creates a token and delivers its secret: create, store, activate. The token cannot authenticate before its secret is stored,
 * and each step can be repeated, so that running this again after a crash always ends with one live token.
 *
 * After a failure before the secret was stored, the token is revoked again if the server can be reached and no other delivery
 * of it came later; otherwise it is discarded by itself, 15 minutes later.
 *
 * @throws DeliveryError, ApiError, ConnectionError, SecretStoreError
 * @see DESIGN: crash table of a creation
 */
export async function deliverApiToken(options: DeliverApiTokenOptions): Promise<DeliveredApiToken> {
  const { client, store, signal, observe } = options;
  const call = signal === undefined ? {} : { signal };
  await store.checkWritable(call);
  observe?.({ kind: "checked", destination: store.destination });
  const before = await store.describe(call);
  const created = await create(options);
  if (created.kind === "in_use") return adopt(options, created.apiTokenId, created.error);
  const { token, warnings, ...issued } = created.apiToken;
  observe?.({ kind: "issued", apiToken: issued });
  const { id: apiTokenId, fingerprint, accountId: organizationId, label, expiresAt } = issued;
  const secret = { apiTokenId, fingerprint, organizationId, label, expiresAt, token };
  const receipt = await storeOrRevoke(options, secret, before);
  observe?.({ kind: "stored", apiToken: issued, receipt });
  const apiToken = await activateStored(client, secret, signal);
  observe?.({ kind: "activated", apiToken });
  return { apiToken, receipt, outcome: "created", warnings };
}

type Created =
  | { readonly kind: "created"; readonly apiToken: CreatedApiToken }
  | { readonly kind: "in_use"; readonly apiTokenId: string; readonly error: ApiError };

async function create({ client, store, request, signal }: DeliverApiTokenOptions): Promise<Created> {
  try {
    const body = { ...request, activation: "deferred", destination: store.destination } as const;
    return { kind: "created", apiToken: await client.createApiToken(body, signal === undefined ? {} : { signal }) };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "destination_in_use" || error.apiTokenId === undefined)
      throw error;
    return { kind: "in_use", apiTokenId: error.apiTokenId, error };
  }
}

async function storeOrRevoke(
  { client, store, replacing, signal }: DeliverApiTokenOptions,
  secret: IssuedSecret,
  before: StoredEntry | undefined,
): Promise<StoredReceipt> {
  try {
    return await storeSecret(client, store, secret, { before, replacing, signal });
  } catch (error) {
    // Also when the caller gave up: its signal must not stop the cleaning.
    const call = { signal: AbortSignal.timeout(cleanUpMs) };
    if (await isUndelivered(client, secret, call)) {
      await Promise.allSettled([
        revokeConfirmed(client, secret.apiTokenId, call),
        store.delete(secret.apiTokenId, call),
      ]);
    }
    throw error;
  }
}

/** Whether the token still waits for this very secret: otherwise another delivery has taken it over, or has even finished it. */
async function isUndelivered(
  client: Client,
  { apiTokenId, fingerprint }: IssuedSecret,
  call: { readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    const apiToken = await client.getApiToken(apiTokenId, call);
    return apiToken.status === "pending" && apiToken.fingerprint === fingerprint;
  } catch {
    return false; // It is discarded by itself; what stopped the delivery is what the caller must hear of.
  }
}

/** A token that an earlier run delivered but did not record: everything about it must be as this request would make it. */
async function adopt(
  { client, store, request, signal, observe }: DeliverApiTokenOptions,
  apiTokenId: string,
  cause: ApiError,
): Promise<DeliveredApiToken> {
  const call = signal === undefined ? {} : { signal };
  const apiToken = await client.getApiToken(apiTokenId, call);
  const refuse = (why: string) => inUse(store.destination, apiToken, why, cause);
  if (request.managedBy === undefined)
    throw refuse("Without a managed_by of its own, this delivery takes nothing over.");
  const { label, role, managedBy, status } = apiToken;
  if (status !== "active" || label !== request.label || role !== request.role || managedBy !== request.managedBy) {
    throw refuse("It is not taken over, because its label, role or managed_by are others than wanted here.");
  }
  const entry = await store.describe(call);
  const fingerprint = entry?.apiTokenId === apiTokenId ? entry.fingerprint : undefined;
  if (fingerprint === undefined || (fingerprint !== apiToken.fingerprint && fingerprint !== apiToken.newFingerprint)) {
    throw refuse("It is not taken over, because the place does not hold its current secret.");
  }
  const adopted = await activateStored(client, { apiTokenId, fingerprint }, signal);
  observe?.({ kind: "activated", apiToken: adopted });
  return { apiToken: adopted, receipt: { fingerprint, version: entry?.version }, outcome: "adopted", warnings: [] };
}

/** Names the owner of the place, and what to do. */
function inUse(destination: string, owner: ApiToken, why: string, cause: ApiError): DeliveryError {
  const { id, label, role, status, managedBy } = owner;
  const whose = managedBy === null ? "which nobody's managed_by claims" : `which "${managedBy}" manages`;
  const message = `${destination} belongs to the ${status} ${role} token "${label}" (${id}), ${whose}. ${why} If it is to be managed here, import it by this id; otherwise choose another place, or revoke it. (${cause.code}, request ${cause.requestId})`;
  return new DeliveryError("destination_in_use", id, message, { cause });
}
