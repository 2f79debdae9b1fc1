import type { Role } from "./api-token.ts";
import type { ApiTokenId, OrganizationId } from "./ids.ts";
import { ProblemError } from "./problem.ts";
import type { PresentedSecret } from "./verdict.ts";

/** Who may call an operation, as `x-callers` of the contract says. */
export type Callers = "public" | "any-token" | "admin";

/** The live token that authenticated a request. */
export type Principal = {
  readonly apiTokenId: ApiTokenId;
  readonly organizationId: OrganizationId;
  readonly label: string;
  readonly role: Role;
  /** E-mail address of the user behind the token, for what the token generates. */
  readonly createdBy: string;
  /** The token and the secret as they were found. */
  readonly presented: PresentedSecret;
};

declare const authorized: unique symbol;

/** A principal with the Admin role. Only {@link requireAdmin} makes one, so that no operation can forget to ask. */
export type AdminPrincipal = Principal & { readonly [authorized]: "admin" };

/** @throws ProblemError `role_insufficient` unless the principal is an Admin token. */
export function requireAdmin(principal: Principal): AdminPrincipal {
  if (!isAdmin(principal)) {
    throw new ProblemError(
      "role_insufficient",
      "This needs an Admin token, and yours is a Developer token. Nothing was changed.",
    );
  }
  return principal;
}

function isAdmin(principal: Principal): principal is AdminPrincipal {
  return principal.role === "admin";
}
