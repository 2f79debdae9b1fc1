import type { Role } from "./api-token.ts";
import type { AuditFields, AuditTarget } from "./audit-event.ts";
import type { OrganizationId, UserId } from "./ids.ts";
import { ProblemError } from "./problem.ts";

/** A person of an organization. Times are UTC with milliseconds; null means never or none. */
export type User = {
  readonly id: UserId;
  readonly organizationId: OrganizationId;
  /** As {@link normalizeEmail} writes it. */
  readonly email: string;
  readonly role: Role;
  readonly createdAt: Date;
  /** E-mail address of who invited the user; null for the first admin. */
  readonly invitedBy: string | null;
  readonly lastSignedInAt: Date | null;
  /** Who the user is at the OpenID provider, from the first sign-in there on. */
  readonly identity: ProviderIdentity | null;
};

/** A person at an OpenID provider. Never reassigned there, as an e-mail address can be. */
export type ProviderIdentity = { readonly issuer: string; readonly subject: string };

/** Whether a user has ever signed in. Derived, never stored. */
export type UserStatus = "invited" | "active";

/**
 * Capital and small letters of an e-mail address make no difference; those of ASCII, because Unicode has other letters whose
 * small form is an ASCII one, as the Kelvin sign, and the address with it is somebody else's.
 */
export function normalizeEmail(email: string): string {
  return email.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Whether the user has ever signed in. */
export function statusOf({ lastSignedInAt }: Pick<User, "lastSignedInAt">): UserStatus {
  return lastSignedInAt === null ? "invited" : "active";
}

/** A user as a target. */
export function userTarget({ id, email }: Pick<User, "id" | "email">): AuditTarget {
  return { type: "user", id, label: email };
}

/** What is recorded of a user. */
export function userFields({ email, role }: Pick<User, "email" | "role">): AuditFields {
  return { email, role };
}

/** The problem of an id the organization has no user under. */
export function userNotFound(): ProblemError {
  return new ProblemError("user_not_found", "Check the id. A removed user is not found either.");
}
