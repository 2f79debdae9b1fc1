import type { TokenPrincipal } from "../domain/principal.ts";
import { useToken } from "../domain/use-token.ts";
import type { PresentedSecret } from "../domain/verdict.ts";
import type { Operation, Schema } from "./operation.ts";
import { parsePresentedIp } from "./presented-ip.ts";

/**
 * Tells in the words of OAuth what a token of the caller's organization is worth. An active answer counts as a use.
 * @see RFC 7662
 */
export const introspectToken: Operation<"introspectToken", TokenPrincipal> = async (services, call) => {
  const { principal, body, origin } = call;
  const verdict = await useToken(services, {
    text: body.token,
    origin,
    clientIp: parsePresentedIp(body.ip),
    organizationId: principal.organizationId,
  });
  return verdict.active ? describe(verdict.presented, services.publicUrl()) : { active: false };
};

function describe({ token, secret }: PresentedSecret, issuer: string): Schema<"Introspection"> {
  const ends = [token.expiresAt, secret.diesAt].filter((end) => end !== null).map(seconds);
  return {
    active: true,
    scope: token.role,
    client_id: token.id,
    username: token.createdBy,
    token_type: "Bearer",
    iat: seconds(secret.createdAt),
    ...(ends.length === 0 ? {} : { exp: Math.min(...ends) }),
    sub: token.id,
    iss: issuer,
    label: token.label,
    organization_id: token.organizationId,
  };
}

/** Whole seconds since 1970, rounded down: nobody is told that a token works longer than it does. */
function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
