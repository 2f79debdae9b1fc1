import { csrfTokenOf, idleExpiryOf, type Session, type SessionLimits } from "../domain/session.ts";
import type { Organization } from "../domain/stores.ts";
import type { User } from "../domain/user.ts";
import type { Schema } from "./operation.ts";

/** What a session's answer is made of. */
export type SessionParts = {
  readonly session: Session;
  readonly user: Pick<User, "id" | "email" | "role">;
  readonly organization: Pick<Organization, "id" | "name">;
  readonly csrfToken: string;
  readonly limits: SessionLimits;
};

/** A session as the contract shows it to whom it belongs. */
export function sessionAnswer({ session, user, organization, csrfToken, limits }: SessionParts): Schema<"Session"> {
  return {
    user: { id: user.id, email: user.email, role: user.role },
    organization: { id: organization.id, name: organization.name },
    csrfToken,
    created: session.createdAt.toISOString(),
    idleExpiresAt: idleExpiryOf(session, limits).toISOString(),
    expiresAt: session.expiresAt.toISOString(),
  };
}

/** The answer about a session that has just begun. */
export function newSessionAnswer(
  parts: Omit<SessionParts, "csrfToken"> & { readonly secret: string; readonly returnTo: string },
): Schema<"CreatedSession"> {
  const { secret, returnTo, ...rest } = parts;
  return { ...sessionAnswer({ ...rest, csrfToken: csrfTokenOf(secret) }), returnTo };
}
