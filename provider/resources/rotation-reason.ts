import { attributePath, isUnknown, isWhollyKnown } from "../framework/index.ts";
import { mustRewrite } from "../secret-stores/secret-store.ts";
import { isBaseServer } from "./base-server.ts";
import type { PlanUpdateRequest } from "./plan-api-token.ts";
import { plannedDestination } from "./planned-destination.ts";
import { isDue, rotationDueAt, wasDue } from "./rotation-age.ts";

/**
 * Whether a new secret must be issued: another place, a store that lost or changed it, its age, or a trigger. May be, while
 * something is unknown. What the plan itself does not show is said in a warning.
 */
export function needsRotation(request: PlanUpdateRequest): boolean {
  const { state } = request;
  if (plannedDestination(request.plan) !== state.destination) {
    if (state.stored_fingerprint === null) warnOfUnknownSecret(request);
    return true;
  }
  if (state.stored_fingerprint !== state.fingerprint) {
    warnOfLostSecret(request);
    return true;
  }
  const { secret_store: planned } = request.plan;
  if (
    planned !== null &&
    !isUnknown(planned) &&
    state.secret_store !== null &&
    mustRewrite(planned, state.secret_store)
  )
    return true;
  if (isTooOld(request)) {
    warnOfAge(request);
    return true;
  }
  return isTriggered(request);
}

/** What the reading found; and what another `rotate_after` makes of the age, in the plan that sets it. */
function isTooOld({ plan, state, client, privateState }: PlanUpdateRequest): boolean {
  const { rotate_after: rotateAfter } = plan;
  if (rotateAfter === null || isUnknown(rotateAfter)) return false;
  if (rotateAfter === state.rotate_after) return wasDue(privateState);
  const dueAt = rotationDueAt(state.rotated_at ?? state.created_at, rotateAfter);
  return client !== undefined && isDue(dueAt, client.now());
}

function isTriggered({ plan, state }: PlanUpdateRequest): boolean {
  const { rotate_when_changed: triggers } = plan;
  if (isUnknown(triggers)) return true;
  if (triggers === null || state.rotate_when_changed === null) return false;
  return !isWhollyKnown(triggers) || !sameEntries(triggers, state.rotate_when_changed);
}

function sameEntries(one: { readonly [name: string]: unknown }, other: { readonly [name: string]: unknown }): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

function warnOfAge(request: PlanUpdateRequest): void {
  const { plan, state, diagnostics } = request;
  const since = state.rotated_at ?? state.created_at;
  const dueAt = isUnknown(plan.rotate_after) ? null : rotationDueAt(since, plan.rotate_after);
  diagnostics.warn(
    "The secret is due for rotation",
    `The secret of "${state.label}" is from ${since}, and its rotate_after has been over since ${dueAt}. ${consequence(request)}`,
    attributePath("rotate_after"),
  );
}

function warnOfLostSecret(request: PlanUpdateRequest): void {
  const { state, diagnostics } = request;
  diagnostics.warn(
    "The secret is not in its place any more",
    `${state.destination} does not hold the current secret of "${state.label}" (fingerprint ${state.fingerprint}): it is missing, or somebody else wrote it. ${consequence(request)}`,
    attributePath("secret_store"),
  );
}

function warnOfUnknownSecret(request: PlanUpdateRequest): void {
  const { plan, state, diagnostics } = request;
  const where = plannedDestination(plan) ?? "a place that is known after apply";
  diagnostics.warn(
    "The secret is rotated into the secret store",
    `No place is known to hold the current secret of "${state.label}", and a secret cannot be read again: a new one is written to ${where}. ${consequence(request)}`,
    attributePath("secret_store"),
  );
}

function consequence({ plan: { rotation_grace_period: grace }, client }: PlanUpdateRequest): string {
  if (isBaseServer(client)) return "Applying this plan puts a new token in the place of this one.";
  const howLong = typeof grace === "string" ? ` for ${grace}` : "";
  return `Applying this plan rotates the token in place, under the same id; the secret before works on${howLong} (rotation_grace_period).`;
}
