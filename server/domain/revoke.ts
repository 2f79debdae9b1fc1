import { type Actor, apiTokenFields, apiTokenTarget, type RequestOrigin } from "./audit-event.ts";
import type { OrganizationId } from "./ids.ts";
import { apiTokenNotice, type NotedApiToken } from "./notify-admins.ts";
import { type ChangeServices, recordChange } from "./record-change.ts";
import type { Stores } from "./stores.ts";

/** Who revokes, in which organization, and from where. */
export type RevokedBy = {
  readonly organizationId: OrganizationId;
  readonly actor: Actor;
  readonly origin: RequestOrigin;
};

/**
 * Ends a token's life, as the last part of the caller's transaction: its destinations are free, and the change is
 * recorded and told to every admin. One that is revoked already stays as it is, and nothing is recorded.
 */
export async function revoke(
  stores: Stores,
  services: ChangeServices,
  token: NotedApiToken,
  revokedBy: RevokedBy,
): Promise<void> {
  if (token.revokedAt !== null) return;
  const { organizationId } = revokedBy;
  await stores.apiTokens.updateApiToken(organizationId, token.id, { revokedAt: services.clock.now() });
  await stores.destinations.releaseExcept(organizationId, token.id, []);
  await recordChange(stores, services, {
    ...revokedBy,
    action: "api_token.revoked",
    target: apiTokenTarget(token),
    before: apiTokenFields(token),
    // Nobody was told of one that never worked.
    ...(token.pendingUntil === null ? { notice: apiTokenNotice("api_token_revoked", token) } : {}),
  });
}
