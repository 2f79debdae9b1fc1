import type { Role } from "./api-token.ts";
import type { Actor, RequestOrigin } from "./audit-event.ts";
import type { ApiTokenId, OrganizationId, UserId } from "./ids.ts";
import { ProblemError } from "./problem.ts";
import type { Session } from "./session.ts";
import type { PresentedSecret } from "./verdict.ts";

/**
 * Who may call an operation, as `x-callers` of the contract says: anybody; every live token; every live token and every
 * signed-in user; Admin tokens and signed-in admins; signed-in users only.
 */
export type Callers = "public" | "any-token" | "member" | "admin" | "user";

/** The live token that authenticated a request. */
export type TokenPrincipal = {
  readonly type: "api_token";
  readonly apiTokenId: ApiTokenId;
  readonly organizationId: OrganizationId;
  readonly label: string;
  readonly role: Role;
  /** E-mail address of the user behind the token, for what the token generates. */
  readonly email: string;
  /** The token and the secret as they were found. */
  readonly presented: PresentedSecret;
};

/** The signed-in user who sends a request. */
export type UserPrincipal = {
  readonly type: "user";
  readonly userId: UserId;
  readonly organizationId: OrganizationId;
  readonly email: string;
  /** As it is now, not as it was at sign-in. */
  readonly role: Role;
  readonly session: Session;
  /** What a change that the session asks for must carry. */
  readonly csrfToken: string;
};

/** Who sends a request. */
export type Principal = TokenPrincipal | UserPrincipal;

declare const authorized: unique symbol;

/** A principal with the Admin role. Only {@link requireAdmin} makes one, so that no operation can forget to ask. */
export type AdminPrincipal = Principal & { readonly [authorized]: "admin" };

/** @throws ProblemError `role_insufficient` unless the principal is an Admin token or a signed-in admin. */
export function requireAdmin(principal: Principal): AdminPrincipal {
  if (!isAdmin(principal)) {
    throw new ProblemError(
      "role_insufficient",
      principal.type === "user"
        ? "This needs the Admin role, and yours is Developer. Nothing was changed."
        : "This needs an Admin token, and yours is a Developer token. Nothing was changed.",
    );
  }
  return principal;
}

function isAdmin(principal: Principal): principal is AdminPrincipal {
  return principal.role === "admin";
}

/** A principal as the actor of what it does. */
export function actorOf(principal: Principal): Actor {
  return principal.type === "user"
    ? { type: "user", id: principal.userId, label: principal.email }
    : { type: "api_token", id: principal.apiTokenId, label: principal.label };
}

/** Who does something in which organization, and from where: what every change is recorded with. */
export function by({ principal, origin }: { readonly principal: Principal; readonly origin: RequestOrigin }) {
  return { organizationId: principal.organizationId, actor: actorOf(principal), origin };
}
