import { ApiError, type ApiToken } from "@orgtokens/sdk";
import { type DeliveryStep, deliverApiToken, revokeAndDelete, rotateApiToken } from "@orgtokens/sdk/delivery";
import type { SecretStore } from "@orgtokens/sdk/secret-stores";
import {
  AttributeError,
  type CreateRequest,
  type DeleteRequest,
  type Diagnostics,
  defineResource,
  type ImportRequest,
  isUnknown,
  type ReadRequest,
  rootPath,
  type UpdateRequest,
} from "../framework/index.ts";
import { giveUp, requireFreePlace, takeOver } from "./api-token-ownership.ts";
import { type ApiTokenState, apiTokenSchema } from "./api-token-schema.ts";
import { nothingStored, type StoredPart, storedPart, tokenPart } from "./api-token-state.ts";
import { parseDuration } from "./duration.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";
import { planApiToken } from "./plan-api-token.ts";
import type { SecretStoreSettings } from "./secret-store-attribute.ts";
import { destinationOf, settingsOf } from "./secret-store-places.ts";

type Schema = typeof apiTokenSchema;

/** `orgtokens_api_token`: a token whose secret is delivered into a secret store. */
export const apiToken = defineResource<Schema, OrgtokensClient>({
  typeName: "orgtokens_api_token",
  schema: apiTokenSchema,
  modifyPlan: planApiToken,
  create: createApiToken,
  read: readApiToken,
  update: updateApiToken,
  delete: deleteApiToken,
  importState: importApiToken,
});

async function createApiToken(request: CreateRequest<Schema, OrgtokensClient>): Promise<ApiTokenState> {
  const { plan, client, signal, diagnostics } = request;
  const { secret_store, expires_in, rotate_when_changed, rotation_grace_period, on_destroy } = plan;
  const declared = { secret_store, expires_in, rotate_when_changed, rotation_grace_period, on_destroy };
  const expiresInSeconds = secondsOf(expires_in);
  return withStore(client, secret_store, async (store) => {
    requireFreePlace(client, store.destination);
    const delivered = await deliverApiToken({
      client: client.api,
      store,
      request: {
        label: plan.label,
        role: plan.role,
        ...(plan.description === null ? {} : { description: plan.description }),
        ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
        ...(client.managedBy === undefined ? {} : { managedBy: client.managedBy }),
      },
      signal,
      // From here on the token may be live although its activation was never answered: let it not be forgotten.
      observe: (step: DeliveryStep) => {
        if (step.kind === "stored")
          request.saveState({ ...declared, ...tokenPart(step.apiToken), ...storedPart(step.receipt) });
      },
    });
    if (delivered.outcome === "adopted") takeOver(client, delivered.apiToken, diagnostics);
    const adopted =
      delivered.outcome === "adopted" ? await alignAdopted(request, delivered.apiToken) : delivered.apiToken;
    return { ...declared, ...tokenPart(adopted), ...storedPart(delivered.receipt) };
  });
}

/** An adopted token may have another description than is declared now. */
async function alignAdopted(request: CreateRequest<Schema, OrgtokensClient>, adopted: ApiToken): Promise<ApiToken> {
  const { plan, client, signal } = request;
  if (adopted.description === plan.description) return adopted;
  return client.api.updateApiToken(adopted.id, { description: plan.description }, { signal });
}

async function readApiToken(request: ReadRequest<Schema, OrgtokensClient>): Promise<ApiTokenState | null> {
  const { state, client, signal, diagnostics } = request;
  const token = await findApiToken(client, state.id, signal);
  if (token === undefined) return null;
  const stored = await readStored({ client, signal, diagnostics }, state);
  return { ...state, ...tokenPart(token), ...stored };
}

type StoreReader = {
  readonly client: OrgtokensClient;
  readonly signal: AbortSignal;
  readonly diagnostics: Diagnostics;
};

/**
 * What the store's metadata says. A store that cannot be asked now is no drift: what was known stays, with a warning, so that an
 * unreachable store stops neither a plan nor a destroy.
 */
async function readStored(reader: StoreReader, state: ApiTokenState): Promise<StoredPart> {
  if (state.secret_store === null) return nothingStored;
  const { signal } = reader;
  try {
    const entry = await withStore(reader.client, state.secret_store, (store) => store.describe({ signal }));
    if (entry?.apiTokenId !== state.id || entry.fingerprint === undefined) return nothingStored;
    return storedPart({ fingerprint: entry.fingerprint, version: entry.version });
  } catch (error) {
    signal.throwIfAborted();
    reader.diagnostics.warn(
      "The secret store could not be checked",
      `${messageOf(error)} Whether the secret of "${state.label}" is still in its place is not known; it is taken to be.`,
    );
    return { stored_fingerprint: state.stored_fingerprint, store_version: state.store_version };
  }
}

async function updateApiToken(request: UpdateRequest<Schema, OrgtokensClient>): Promise<ApiTokenState> {
  const { plan, state } = request;
  const { secret_store, expires_in, rotate_when_changed, rotation_grace_period, on_destroy } = plan;
  const declared = { secret_store, expires_in, rotate_when_changed, rotation_grace_period, on_destroy };
  const changed = await changeInPlace(request);
  if (!isUnknown(plan.fingerprint)) {
    const { stored_fingerprint, store_version } = state;
    return { ...declared, ...tokenPart(changed), stored_fingerprint, store_version };
  }
  // The secret is still the old one, and its place too: record that if the rotation fails.
  const { stored_fingerprint, store_version } = state;
  const { secret_store: oldStore, rotate_when_changed: oldTriggers } = state;
  const old = { ...declared, secret_store: oldStore, rotate_when_changed: oldTriggers };
  request.saveState({ ...old, ...tokenPart(changed), stored_fingerprint, store_version });
  const rotated = await rotate(request);
  return { ...declared, ...tokenPart(rotated.apiToken), ...storedPart(rotated.receipt) };
}

/** Label and description, and the expiry unless a rotation renews it anyway. */
async function changeInPlace({
  plan,
  state,
  client,
  signal,
}: UpdateRequest<Schema, OrgtokensClient>): Promise<ApiToken> {
  const rotates = isUnknown(plan.fingerprint);
  const change = {
    ...(plan.label === state.label ? {} : { label: plan.label }),
    ...(plan.description === state.description ? {} : { description: plan.description }),
    ...(plan.expires_in === state.expires_in || (rotates && plan.expires_in !== null) ? {} : expiry(plan.expires_in)),
  };
  if (Object.keys(change).length === 0) return client.api.getApiToken(state.id, { signal });
  return client.api.updateApiToken(state.id, change, { signal });
}

async function rotate({ plan, state, client, signal, diagnostics }: UpdateRequest<Schema, OrgtokensClient>) {
  const gracePeriodSeconds = secondsOf(plan.rotation_grace_period) ?? 0;
  const expiresInSeconds = secondsOf(plan.expires_in);
  return withStore(client, plan.secret_store, async (store) => {
    const previousStore = openPrevious(client, previousPlace(state, store.destination), diagnostics);
    try {
      const rotated = await rotateApiToken({
        client: client.api,
        store,
        apiTokenId: state.id,
        gracePeriodSeconds,
        ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
        ...(previousStore === undefined ? {} : { previousStore }),
        signal,
      });
      for (const warning of rotated.warnings) warnLeftBehind(diagnostics, warning);
      return rotated;
    } finally {
      await previousStore?.close();
    }
  });
}

/** The place that the secret moves away from; undefined when it stays where it is. */
function previousPlace(state: ApiTokenState, destination: string): SecretStoreSettings | undefined {
  // The URI first: a relative path leads elsewhere in another working directory. After a move that was not recorded, the URI
  // already is the new place, and the state still has the old one.
  const named = state.destination === null ? undefined : settingsOf(state.destination);
  const places = [named, state.secret_store].filter((place) => place !== undefined && place !== null);
  return places.find((place) => destinationOf(place) !== destination);
}

/** A place that cannot even be opened must not keep the secret from moving away. */
function openPrevious(
  client: OrgtokensClient,
  place: SecretStoreSettings | undefined,
  diagnostics: Diagnostics,
): SecretStore | undefined {
  if (place === undefined) return undefined;
  try {
    return client.openSecretStore(place);
  } catch (error) {
    warnLeftBehind(diagnostics, `${destinationOf(place)} could not be opened. ${messageOf(error)}`);
    return undefined;
  }
}

async function deleteApiToken(request: DeleteRequest<Schema, OrgtokensClient>): Promise<void> {
  const { state, client, signal, diagnostics } = request;
  if (!giveUp(client, state, diagnostics)) return;
  if (state.secret_store === null) return revokeOnly(client, state.id, signal);
  if (state.on_destroy === "revoke_and_keep") return revokeOnly(client, state.id, signal);
  await withStore(client, state.secret_store, async (store) => {
    const { entry } = await revokeAndDelete({ client: client.api, store, apiTokenId: state.id, signal });
    if (entry !== "not_ours") return;
    diagnostics.warn(
      "The entry of the secret store is left as it is",
      `The metadata of ${store.destination} does not name the token ${state.id}: somebody else wrote it. The token itself is revoked.`,
    );
  });
}

async function revokeOnly(client: OrgtokensClient, id: string, signal: AbortSignal): Promise<void> {
  try {
    await client.api.revokeApiToken(id, {}, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function importApiToken(request: ImportRequest<OrgtokensClient>): Promise<ApiTokenState | null> {
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

async function findApiToken({ api }: OrgtokensClient, id: string, signal: AbortSignal): Promise<ApiToken | undefined> {
  try {
    return await api.getApiToken(id, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Only this is absence; our own 401, 403 and 503 are not. */
function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === "api_token_not_found";
}

async function withStore<T>(
  client: OrgtokensClient,
  settings: ApiTokenState["secret_store"],
  use: (store: SecretStore) => Promise<T>,
): Promise<T> {
  if (settings === null) throw new TypeError("A secret store must be set.");
  const store = client.openSecretStore(settings);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

function expiry(expiresIn: string | null) {
  const expiresInSeconds = secondsOf(expiresIn);
  return expiresInSeconds === undefined ? { expiresAt: null } : { expiresInSeconds };
}

function secondsOf(duration: string | null): number | undefined {
  return duration === null ? undefined : parseDuration(duration);
}

function warnLeftBehind(diagnostics: Diagnostics, why: string): void {
  diagnostics.warn("The entry at the previous place is left behind", why);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
