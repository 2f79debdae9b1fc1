import type { IncomingMessage } from "node:http";
import type { RequestOrigin } from "../domain/audit-event.ts";
import type { TokenPrincipal } from "../domain/principal.ts";
import { type ProblemCode, ProblemError } from "../domain/problem.ts";
import { type TokenUseServices, useToken } from "../domain/use-token.ts";
import type { InactiveReason, PresentedSecret } from "../domain/verdict.ts";
import { readCredentials } from "./credentials.ts";

/**
 * Finds out who sends a request. The use is noted.
 *
 * @throws ProblemError `authentication_*` unless the request carries one live token; anything else when the database
 *   cannot tell.
 */
export async function authenticate(
  services: TokenUseServices,
  message: Pick<IncomingMessage, "rawHeaders">,
  origin: RequestOrigin,
): Promise<TokenPrincipal> {
  const credentials = readCredentials(message);
  if (credentials === undefined) {
    throw new ProblemError(
      "authentication_missing",
      "Send an API token of the organization as X-API-KEY: <token>, or as Authorization: Bearer <token>.",
    );
  }
  const verdict = await useToken(services, { ...credentials, origin });
  if (!verdict.active) throw refusedToken(verdict.reason, verdict.presented);
  const { token } = verdict.presented;
  return {
    type: "api_token",
    apiTokenId: token.id,
    organizationId: token.organizationId,
    label: token.label,
    role: token.role,
    email: token.createdBy,
    presented: verdict.presented,
  };
}

function refusedToken(reason: InactiveReason, presented: PresentedSecret | undefined): ProblemError {
  const code = `authentication_${reason}` satisfies ProblemCode;
  if (presented === undefined) return new ProblemError(code, advice[reason]);
  const { id, organizationId, label } = presented.token;
  return new ProblemError(code, advice[reason], {
    sender: { organizationId, actor: { type: "api_token", id, label } },
  });
}

const advice: Readonly<Record<InactiveReason, string>> = {
  malformed: "The token is cut short or mistyped. Copy it again in full.",
  unknown: "No organization has this token. Ask an admin of yours for one.",
  pending: "The token was delivered but not activated yet. Activate it, or repeat its delivery.",
  revoked: "Ask an admin of the organization for a new token.",
  expired: "Ask an admin of the organization for a new token.",
  retired: "Take the token that replaced it from where it is kept.",
};
