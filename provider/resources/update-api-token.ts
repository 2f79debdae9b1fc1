import type { ApiToken } from "@orgtokens/sdk";
import { isUnknown, type UpdateRequest } from "../framework/index.ts";
import type { ApiTokenState, apiTokenSchema } from "./api-token-schema.ts";
import { storedPart, tokenPart } from "./api-token-state.ts";
import { secondsOf } from "./duration.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";
import { rotateInPlace } from "./rotate-in-place.ts";

type Schema = typeof apiTokenSchema;

/** Changes what can be changed in place, and rotates when the plan says so. */
export async function updateApiToken(request: UpdateRequest<Schema, OrgtokensClient>): Promise<ApiTokenState> {
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
  const rotated = await rotateInPlace(request);
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

function expiry(expiresIn: string | null) {
  const expiresInSeconds = secondsOf(expiresIn);
  return expiresInSeconds === undefined ? { expiresAt: null } : { expiresInSeconds };
}
