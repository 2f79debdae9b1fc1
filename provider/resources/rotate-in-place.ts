import { type RotatedDelivery, rotateApiToken } from "@orgtokens/sdk/delivery";
import type { SecretStore } from "@orgtokens/sdk/secret-stores";
import type { Diagnostics, UpdateRequest } from "../framework/index.ts";
import type { SecretStoreSettings } from "../secret-stores/secret-store.ts";
import { destinationOf, settingsOf } from "../secret-stores/secret-store.ts";
import type { ApiTokenState, apiTokenSchema } from "./api-token-schema.ts";
import { secondsOf } from "./duration.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";
import { withStore } from "./with-store.ts";

type Schema = typeof apiTokenSchema;

/** A token with a new secret in its place. */
export type Rotated = Pick<RotatedDelivery, "apiToken" | "receipt">;

/** Gives the token a new secret, in its place or in the one that it moves to. */
export async function rotateInPlace(request: UpdateRequest<Schema, OrgtokensClient>): Promise<Rotated> {
  const { plan, state, client, signal, diagnostics } = request;
  const gracePeriodSeconds = secondsOf(plan.rotation_grace_period) ?? 0;
  const expiresInSeconds = secondsOf(plan.expires_in);
  return withPlaces(request, async (places) => {
    const rotated = await rotateApiToken({
      client: client.api,
      ...places,
      apiTokenId: state.id,
      gracePeriodSeconds,
      ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
      signal,
    });
    for (const warning of rotated.warnings) warnLeftBehind(diagnostics, warning);
    return rotated;
  });
}

/** Where the secret goes, and the place that it moves away from. */
export type Places = { readonly store: SecretStore; readonly previousStore?: SecretStore };

/** Opens the places of a rotation, and closes them afterwards. */
export async function withPlaces<T>(
  { plan, state, client, diagnostics }: UpdateRequest<Schema, OrgtokensClient>,
  use: (places: Places) => Promise<T>,
): Promise<T> {
  return withStore(client, plan.secret_store, async (store) => {
    const previousStore = openPrevious(client, previousPlace(state, store.destination), diagnostics);
    try {
      return await use({ store, ...(previousStore === undefined ? {} : { previousStore }) });
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

function warnLeftBehind(diagnostics: Diagnostics, why: string): void {
  diagnostics.warn("The entry at the previous place is left behind", why);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
