import type { ApiToken, ApiTokenSecret } from "./api-token.ts";
import type { Stores } from "./stores.ts";

/**
 * Makes a rotation's new secret the current one, inside the caller's transaction: the secret before dies after the
 * grace period, the rotation's destination and expiry take effect, and destinations the token left are free again.
 */
export async function promoteSecret(
  stores: Stores,
  token: Pick<ApiToken, "id" | "organizationId" | "destination">,
  secret: ApiTokenSecret,
  now: Date,
): Promise<void> {
  const { id, organizationId } = token;
  const graceMs = (secret.rotation?.gracePeriodSeconds ?? 0) * 1000;
  const destination = secret.rotation?.destination;
  const expiresAt = secret.rotation?.expiresAt;
  await stores.secrets.retireCurrentSecret(organizationId, id, graceMs > 0 ? new Date(now.getTime() + graceMs) : null);
  await stores.secrets.promoteNewSecret(organizationId, id, secret.sha256);
  await stores.apiTokens.updateApiToken(organizationId, id, {
    rotatedAt: now,
    ...(destination === undefined ? {} : { destination }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
  const kept = destination ?? token.destination;
  await stores.destinations.releaseExcept(organizationId, id, kept === null ? [] : [kept]);
}
