import type { ApiToken } from "@orgtokens/sdk";
import { isUnknown, type UpdateRequest } from "../framework/index.ts";
import type { ApiTokenState, apiTokenSchema } from "./api-token-schema.ts";
import { declaredPart, storedPart, tokenPart } from "./api-token-state.ts";
import { asRecorded, isBaseServer, replaceInPlace } from "./base-server.ts";
import { changeOfExpiry, noteExpiry } from "./expiry.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";
import { rotateInPlace } from "./rotate-in-place.ts";
import { forgetDue } from "./rotation-age.ts";

type Request = UpdateRequest<typeof apiTokenSchema, OrgtokensClient>;

/** Changes what can be changed in place, and rotates when the plan says so. */
export async function updateApiToken(request: Request): Promise<ApiTokenState> {
  // Whatever becomes of it: what was read before does not count any more.
  request.client.tokens.forget(request.state.id);
  const { plan, config, state, privateState } = request;
  const { stored_fingerprint, store_version } = state;
  const declared = declaredPart(plan);
  const changed = await changeInPlace(request);
  noteExpiry(privateState, config, changed);
  if (!isUnknown(plan.fingerprint)) {
    return { ...declared, ...tokenPart(changed, plan), stored_fingerprint, store_version };
  }
  // The secret is still the old one, and what decides about it too: record that if the rotation fails.
  const { secret_store, expires_in, rotate_after, rotate_when_changed } = state;
  const old = { ...declared, secret_store, expires_in, rotate_after, rotate_when_changed };
  request.saveState({ ...old, ...tokenPart(changed, { rotate_after }), stored_fingerprint, store_version });
  const rotated = await (isBaseServer(request.client) ? replaceInPlace(request) : rotateInPlace(request));
  noteExpiry(privateState, config, rotated.apiToken);
  forgetDue(privateState);
  return { ...declared, ...tokenPart(rotated.apiToken, plan), ...storedPart(rotated.receipt) };
}

/** What the server keeps beside the secret. */
async function changeInPlace(request: Request): Promise<ApiToken> {
  const { plan, state, client, signal } = request;
  if (isBaseServer(client)) return asRecorded(client, await client.api.getApiToken(state.id, { signal }), state);
  const networks = [...(plan.allowed_networks ?? [])];
  const change = {
    ...(plan.label === state.label ? {} : { label: plan.label }),
    ...(plan.description === state.description ? {} : { description: plan.description }),
    ...(isSameSet(networks, state.allowed_networks ?? []) ? {} : { allowedNetworks: networks }),
    ...changeOfExpiry(request),
  };
  if (Object.keys(change).length === 0) return client.api.getApiToken(state.id, { signal });
  return client.api.updateApiToken(state.id, change, { signal });
}

/** Whether two collections without order or duplicates are equal. */
export function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((element) => other.includes(element));
}
