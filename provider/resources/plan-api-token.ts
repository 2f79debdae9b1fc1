import { isUnknown, type ModifyPlanRequest } from "../framework/index.ts";
import type { apiTokenSchema } from "./api-token-schema.ts";
import { isBaseServer, planReplacement, requireSupported } from "./base-server.ts";
import { warnOfDeath } from "./dead-api-token.ts";
import { notedExpiry } from "./expiry.ts";
import { isSameInstant } from "./instant.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";
import { plannedDestination } from "./planned-destination.ts";
import { requireRevocable } from "./prevent-revoke.ts";
import { rotationDueAt } from "./rotation-age.ts";
import { needsRotation } from "./rotation-reason.ts";

type Request = ModifyPlanRequest<typeof apiTokenSchema, OrgtokensClient>;
/** The plan of a change. */
export type PlanUpdateRequest = Extract<Request, { action: "update" }>;
type ChangeRequest = Exclude<Request, { action: "delete" }>;

/** What a rotation decides anew. */
const rotated = ["fingerprint", "obfuscated_token", "stored_fingerprint", "store_version", "rotated_at"] as const;

/**
 * Adjusts a plan: the destination is known as soon as the store is, a token that died outside of Terraform is replaced, one that
 * must not be revoked is not, and whatever asks for a new secret plans a rotation.
 */
export async function planApiToken(request: Request): Promise<void> {
  if (request.action === "delete") return requireRevocable(request.state, "destroyed");
  planDestination(request);
  const isBase = isBaseServer(request.client);
  if (isBase) requireSupported(request);
  if (request.action === "create") return planRotationDueAt(request, true);
  if (request.state.status !== "active") {
    request.markUnknown("status");
    request.requireReplace("status");
    return warnOfDeath(request);
  }
  if (request.plan.role !== request.state.role) return requireRevocable(request.state, "replaced");
  const rotates = needsRotation(request) || (isBase && request.plan.label !== request.state.label);
  if (rotates && isBase) planReplacement(request);
  if (rotates) for (const name of rotated) request.markUnknown(name);
  planExpiry(request, rotates);
  planRotationDueAt(request, rotates);
}

function planDestination(request: ChangeRequest): void {
  const destination = plannedDestination(request.plan);
  if (destination === undefined) request.markUnknown("destination");
  else request.setPlanned("destination", destination);
}

/**
 * A rotation renews the expiry that `expires_in` declares; so does another value of it, and somebody else's change of the expiry.
 * What is not declared any more ends.
 */
function planExpiry(request: PlanUpdateRequest, rotates: boolean): void {
  const { plan, state, config, privateState } = request;
  if (config.expires_at !== null) return;
  const noted = notedExpiry(privateState);
  if (plan.expires_in === null) {
    if (state.expires_in !== null || noted !== undefined) request.setPlanned("expires_at", null);
    return;
  }
  const isElsewhere = noted !== undefined && !isSameInstant(noted, state.expires_at);
  if (rotates || plan.expires_in !== state.expires_in || isElsewhere) request.markUnknown("expires_at");
}

function planRotationDueAt(request: ChangeRequest, isNewSecret: boolean): void {
  const { plan, state } = request;
  const { rotate_after: rotateAfter } = plan;
  if (rotateAfter === null) request.setPlanned("rotation_due_at", null);
  else if (isNewSecret || isUnknown(rotateAfter) || state === null) request.markUnknown("rotation_due_at");
  else request.setPlanned("rotation_due_at", rotationDueAt(state.rotated_at ?? state.created_at, rotateAfter));
}
