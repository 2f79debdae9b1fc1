import { isUnknown, isWhollyKnown, type ModifyPlanRequest } from "../framework/index.ts";
import type { apiTokenSchema } from "./api-token-schema.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";
import { destinationOf } from "./secret-store-places.ts";

type Request = ModifyPlanRequest<typeof apiTokenSchema, OrgtokensClient>;
type UpdateRequest = Extract<Request, { action: "update" }>;

/** What a rotation decides anew. */
const rotated = ["fingerprint", "obfuscated_token", "stored_fingerprint", "store_version", "rotated_at"] as const;

/**
 * Adjusts a plan: the destination is known as soon as the store is, a token that died outside of Terraform is replaced, and
 * whatever asks for a new secret plans a rotation.
 */
export function planApiToken(request: Request): void {
  if (request.action === "delete") return;
  planDestination(request);
  if (request.action === "create") return;
  if (request.state.status !== "active") {
    request.markUnknown("status");
    request.requireReplace("status");
    return;
  }
  const rotates = needsRotation(request);
  if (rotates) for (const name of rotated) request.markUnknown(name);
  planExpiry(request, rotates);
}

function planDestination(request: Exclude<Request, { action: "delete" }>): void {
  const destination = plannedDestination(request.plan);
  if (destination === undefined) request.markUnknown("destination");
  else request.setPlanned("destination", destination);
}

/** Undefined while the place depends on something not yet applied. */
function plannedDestination(plan: UpdateRequest["plan"]): string | undefined {
  const { secret_store: settings } = plan;
  if (settings === null || isUnknown(settings)) return undefined;
  const { file, vault } = settings;
  if (isUnknown(file) || isUnknown(vault)) return undefined;
  if (file !== null && !isUnknown(file.path)) return destinationOf({ file: { path: file.path }, vault: null });
  if (vault === null) return undefined;
  const { mount, path, key } = vault;
  if (isUnknown(mount) || isUnknown(path) || isUnknown(key)) return undefined;
  return destinationOf({ file: null, vault: { mount, path, key } });
}

/** Whether a new secret must be issued: another place, a store that lost or changed it, or a trigger. May be, while unknown. */
function needsRotation({ plan, state }: UpdateRequest): boolean {
  if (plannedDestination(plan) !== state.destination) return true;
  if (state.stored_fingerprint !== state.fingerprint) return true;
  const { rotate_when_changed: triggers } = plan;
  if (isUnknown(triggers)) return true;
  if (triggers === null || state.rotate_when_changed === null) return false;
  return !isWhollyKnown(triggers) || !sameEntries(triggers, state.rotate_when_changed);
}

function sameEntries(one: { readonly [name: string]: unknown }, other: { readonly [name: string]: unknown }): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/** A rotation renews the expiry; so does another `expires_in`, and none at all ends it. */
function planExpiry(request: UpdateRequest, rotates: boolean): void {
  const { plan, state } = request;
  const isChanged = plan.expires_in !== state.expires_in;
  if (plan.expires_in === null) {
    if (isChanged) request.setPlanned("expires_at", null);
  } else if (isChanged || rotates) request.markUnknown("expires_at");
}
