import type { OrganizationId, UserId } from "./ids.ts";
import type { SessionLimits } from "./session.ts";

/** What a sign-in link is for, which is how long it lives. */
export type SignInLinkPurpose = "sign_in" | "invitation" | "first_sign_in";

/** How long links work, in milliseconds: 15 minutes, 7 days, and 1 hour for the one that the server prints. */
export const linkLifetimeMs: Readonly<Record<SignInLinkPurpose, number>> = {
  sign_in: 15 * 60_000,
  invitation: 7 * 86_400_000,
  first_sign_in: 3_600_000,
};

/** How long a link that no longer works is still told apart from one that never was, in milliseconds: a day. */
export const linkRetentionMs = 86_400_000;

/** A link that signs one user in, once. */
export type SignInLink = {
  /** Of the secret, which is in the link and nowhere else. */
  readonly sha256: string;
  readonly organizationId: OrganizationId;
  readonly userId: UserId;
  readonly purpose: SignInLinkPurpose;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** When it stopped working before its time: it was used, or another one replaced it. */
  readonly endedAt: Date | null;
  /** Where to go on. */
  readonly returnTo: string | null;
};

/** How people sign in to this server. */
export type SignInSettings = {
  readonly sessions: SessionLimits;
};

/** Where people go who did not say where to. */
export const defaultReturnTo = "/organization/api-tokens";

/**
 * A path of this server that a browser may be sent on to.
 * @returns the default for anything that could lead elsewhere, whatever a browser makes of slashes and backslashes.
 */
export function returnPath(text: string): string {
  return /^\/(?!\/)[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,499}$/.test(text) ? text : defaultReturnTo;
}

/** The page that takes a link's secret. After `#`, so that no log, no proxy and no mail scanner gets to see it. */
export function signInLinkPath(secret: string): string {
  return `/sign-in/link#${secret}`;
}
