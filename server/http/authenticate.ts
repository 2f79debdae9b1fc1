import type { IncomingMessage } from "node:http";
import type { RequestOrigin } from "../domain/audit-event.ts";
import type { Browser } from "../domain/browser.ts";
import type { Principal, TokenPrincipal } from "../domain/principal.ts";
import { type ProblemCode, ProblemError } from "../domain/problem.ts";
import { type SessionUseServices, useSession } from "../domain/use-session.ts";
import { type TokenUseServices, useToken } from "../domain/use-token.ts";
import type { InactiveReason, PresentedSecret } from "../domain/verdict.ts";
import { type Credentials, readCredentials } from "./credentials.ts";

/** What finding out who sends a request needs. */
export type AuthenticationServices = TokenUseServices & SessionUseServices;

/** What a request says about who sends it. */
export type Presented = {
  readonly message: Pick<IncomingMessage, "rawHeaders">;
  readonly browser: Browser;
  readonly origin: RequestOrigin;
};

/**
 * Finds out who sends a request. The use is noted.
 *
 * @param sessions whether a session counts; where it does not, its cookie is not looked at.
 * @throws ProblemError `authentication_*` or `session_ended` unless the request carries one live token or one live
 *   session, `credentials_ambiguous` when it carries two of them; anything else when the database cannot tell.
 */
export async function authenticate(
  services: AuthenticationServices,
  { message, browser, origin }: Presented,
  sessions: "accepted" | "ignored",
): Promise<Principal> {
  const credentials = readCredentials(message);
  const sessionSecret = sessions === "accepted" ? browser.sessionSecret : undefined;
  if (credentials !== undefined && sessionSecret !== undefined) {
    throw new ProblemError("credentials_ambiguous", "Send a token or a session cookie, not both.");
  }
  if (credentials !== undefined) return authenticateToken(services, credentials, origin);
  if (sessionSecret !== undefined) return useSession(services, sessionSecret);
  throw new ProblemError(
    "authentication_missing",
    "Send an API token of the organization as X-API-KEY: <token>, or as Authorization: Bearer <token>.",
  );
}

async function authenticateToken(
  services: TokenUseServices,
  credentials: Credentials,
  origin: RequestOrigin,
): Promise<TokenPrincipal> {
  const verdict = await useToken(services, { ...credentials, origin, clientIp: origin.ip });
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
  network_not_allowed: "Use it from one of its allowed networks, or have an admin change them.",
  retired: "Take the token that replaced it from where it is kept.",
};
