import {
  type ApiToken,
  defaultGracePeriodSeconds,
  destinationInUse,
  type Rotation,
  requireActive,
} from "../domain/api-token.ts";
import { apiTokenTarget } from "../domain/audit-event.ts";
import { parseExpiry } from "../domain/expiry.ts";
import { type ApiTokenId, parseId } from "../domain/ids.ts";
import { apiTokenNotice } from "../domain/notify-admins.ts";
import { requireLifetime } from "../domain/organization-policy.ts";
import { type AdminPrincipal, by } from "../domain/principal.ts";
import { promoteSecret } from "../domain/promote-secret.ts";
import { recordChange } from "../domain/record-change.ts";
import type { Stores } from "../domain/stores.ts";
import { apiTokenAnswer } from "./api-token-answer.ts";
import { getExisting } from "./existing-api-token.ts";
import type { Operation } from "./operation.ts";

/** Issues a new secret for an active token; one that was issued before and never used is replaced. */
export const rotateApiToken: Operation<"rotateApiToken", AdminPrincipal> = async (services, call) => {
  const { principal, path, body } = call;
  const now = services.clock.now();
  const id = parseId<ApiTokenId>(path.id);
  const { organizationId } = principal;
  const expiresAt = parseExpiry(body, now);
  const issued = services.issueToken();
  return services.database.transact(async (stores) => {
    const { token, status } = await getExisting(stores, organizationId, id, now);
    requireActive(status, "rotated");
    requireLifetime(await stores.organizations.getPolicy(organizationId), expiresAt, now);
    const rotation: Rotation = {
      gracePeriodSeconds: body.gracePeriodSeconds ?? defaultGracePeriodSeconds,
      destination: body.destination === token.destination ? undefined : body.destination,
      expiresAt,
    };
    await holdDestinations(stores, token, rotation.destination, now);
    await stores.secrets.supersedeNewSecret(organizationId, id);
    const { sha256, fingerprint, obfuscated } = issued;
    const secret = { sha256, fingerprint, obfuscated, organizationId, apiTokenId: id, createdAt: now, diesAt: null };
    await stores.secrets.insertSecret({ ...secret, state: "new", rotation });
    if (body.activation !== "deferred") await promoteSecret(stores, token, { ...secret, state: "new", rotation }, now);
    const after = await getExisting(stores, organizationId, id, now);
    await recordChange(stores, services, {
      ...by(call),
      // A new secret that nobody has used or activated is told about when somebody does.
      ...(body.activation === "deferred"
        ? { action: "api_token.rotation_started" }
        : { action: "api_token.rotated", notice: apiTokenNotice("api_token_rotated", after.token) }),
      target: apiTokenTarget(token),
      before: { fingerprint: token.fingerprint },
      after: { fingerprint, gracePeriodSeconds: rotation.gracePeriodSeconds },
    });
    return { ...apiTokenAnswer(after.token, now), token: issued.text };
  });
};

/**
 * Claims the place the new secret goes to, keeps the one the current secret is at, and gives up the one of an earlier
 * rotation that never took effect.
 *
 * @throws ProblemError `destination_in_use` when another live token has it.
 */
async function holdDestinations(stores: Stores, token: ApiToken, wanted: string | undefined, now: Date): Promise<void> {
  const { organizationId, id, destination } = token;
  const kept = [destination, wanted].filter((place) => typeof place === "string");
  if (wanted !== undefined) {
    const claimant = await stores.destinations.findClaimant(organizationId, wanted, now);
    if (claimant !== undefined && claimant !== id) throw destinationInUse(claimant);
    if (claimant === undefined) await stores.destinations.claim(organizationId, wanted, id, now);
  }
  await stores.destinations.releaseExcept(organizationId, id, kept);
}
