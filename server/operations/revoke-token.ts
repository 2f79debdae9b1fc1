import { by, type Principal, requireAdmin } from "../domain/principal.ts";
import { revoke } from "../domain/revoke.ts";
import type { PresentedSecret, Verdict } from "../domain/verdict.ts";
import type { Operation } from "./operation.ts";

/**
 * Revokes the token that a full text belongs to: an admin any of the organization, a token itself. What is unknown, or of
 * no use any more, is left as it is.
 * @see RFC 7009
 */
export const revokeToken: Operation<"revokeToken", Principal> = async (services, call) => {
  const { principal, body } = call;
  const { organizationId } = principal;
  const verdict = await services.verifier.verify(body.token);
  const { presented } = verdict;
  if (presented === undefined || presented.token.organizationId !== organizationId) return undefined;
  if (!isItself(principal, presented)) requireAdmin(principal);
  if (!canEverBeUsed(verdict)) return undefined;
  await services.database.transact(async (stores) => {
    const token = await stores.apiTokens.findApiToken(organizationId, presented.token.id, services.clock.now());
    if (token !== undefined) await revoke(stores, services, token, by(call));
  });
  return undefined;
};

function isItself(principal: Principal, { token }: PresentedSecret): boolean {
  return principal.type === "api_token" && principal.apiTokenId === token.id;
}

/** A secret that a rotation has replaced must not take the token's current one with it. */
function canEverBeUsed(verdict: Verdict): boolean {
  return verdict.active || verdict.reason === "pending";
}
