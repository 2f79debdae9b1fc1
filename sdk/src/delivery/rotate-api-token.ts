import type { ApiToken, Client } from "../client.ts";
import type { SecretStore, StoredReceipt } from "../secret-stores/secret-store.ts";
import { activateStored } from "./activate-stored.ts";
import type { DeliveryObserver } from "./delivery-step.ts";
import { storeSecret } from "./store-secret.ts";

/** Which token gets a new secret, and where it goes. */
export type RotateApiTokenOptions = {
  readonly client: Client;
  /** The place: where the secret is, or where it is to move. Stays open. */
  readonly store: SecretStore;
  readonly apiTokenId: string;
  /** How long the secret before works on, in seconds. Default: the server's, a day. */
  readonly gracePeriodSeconds?: number;
  /** The token's new expiry, counted from now, in seconds. */
  readonly expiresInSeconds?: number;
  /** The place the secret moves away from; its entry is deleted at the end if it is this token's. Stays open. */
  readonly previousStore?: SecretStore;
  readonly signal?: AbortSignal;
  readonly observe?: DeliveryObserver;
  /** Default: the machine's clock. It tells the store when the secret will expire. */
  readonly now?: () => Date;
};

/** A token with a new secret in its place. */
export type RotatedDelivery = {
  readonly apiToken: ApiToken;
  readonly receipt: StoredReceipt;
  /** What was not possible although the rotation was: for people. */
  readonly warnings: readonly string[];
};

/** How long leaving the previous place may take, in milliseconds. */
const leaveMs = 10_000;

/**
 * Gives a token a new secret: rotate, store, activate. Until the new secret is activated or used, the one before stays the
 * current one; from then on it works for the grace period. After a crash, running this again ends with a working secret in the
 * store.
 *
 * @throws DeliveryError, ApiError, ConnectionError, SecretStoreError
 * @see DESIGN: crash table of a rotation
 */
export async function rotateApiToken(options: RotateApiTokenOptions): Promise<RotatedDelivery> {
  const { client, store, apiTokenId, gracePeriodSeconds, expiresInSeconds, signal, observe } = options;
  const call = signal === undefined ? {} : { signal };
  await store.checkWritable(call);
  observe?.({ kind: "checked", destination: store.destination });
  const before = await store.describe(call);
  const { token, ...issued } = await client.rotateApiToken(
    apiTokenId,
    {
      activation: "deferred",
      destination: store.destination,
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
    },
    call,
  );
  observe?.({ kind: "issued", apiToken: issued });
  const fingerprint = issued.newFingerprint ?? issued.fingerprint;
  const { accountId: organizationId, label } = issued;
  const expiresAt = expiryOf(issued, options);
  const secret = { apiTokenId, fingerprint, organizationId, label, expiresAt, token };
  const receipt = await storeSecret(client, store, secret, { before, signal });
  observe?.({ kind: "stored", apiToken: issued, receipt });
  const apiToken = await activateStored(client, secret, signal);
  observe?.({ kind: "activated", apiToken });
  return { apiToken, receipt, warnings: await leavePrevious(options, receipt) };
}

/** A new expiry takes effect at activation, so the answer has the one before; this is what it will be, to some seconds. */
function expiryOf(
  { expiresAt }: Pick<ApiToken, "expiresAt">,
  { expiresInSeconds, now = () => new Date() }: RotateApiTokenOptions,
): string | null {
  return expiresInSeconds === undefined ? expiresAt : new Date(now().getTime() + expiresInSeconds * 1000).toISOString();
}

/** What is left at the previous place dies with the grace period: not being able to delete it is no failure. */
async function leavePrevious(
  { previousStore, apiTokenId }: RotateApiTokenOptions,
  { fingerprint }: StoredReceipt,
): Promise<readonly string[]> {
  if (previousStore === undefined) return [];
  // Also when the caller gave up: nobody would come back for the entry.
  const call = { signal: AbortSignal.timeout(leaveMs) };
  try {
    // The same place under another name, such as a path through a link, holds the new secret by now.
    if ((await previousStore.describe(call))?.fingerprint === fingerprint) return [];
    const outcome = await previousStore.delete(apiTokenId, call);
    if (outcome !== "not_ours") return [];
    return [`The entry at ${previousStore.destination} is not this token's any more; it was left as it is.`];
  } catch (error) {
    return [
      `The entry at ${previousStore.destination} could not be deleted: ${error instanceof Error ? error.message : "no reason given"}`,
    ];
  }
}
