import { createHmac, timingSafeEqual } from "node:crypto";
import type { OrganizationId, SessionId, UserId } from "./ids.ts";
import { ProblemError } from "./problem.ts";
import type { User } from "./user.ts";

/** A signed-in browser. Its secret is in the browser's cookie and nowhere else. */
export type Session = {
  readonly id: SessionId;
  readonly organizationId: OrganizationId;
  readonly userId: UserId;
  /** Of the secret. */
  readonly sha256: string;
  readonly createdAt: Date;
  /** The last request, at most {@link touchIntervalMs} behind. */
  readonly lastSeenAt: Date;
  /** When it ends whatever comes. */
  readonly expiresAt: Date;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** The provider's own session, when it signed the user in and named one. */
  readonly providerSession: { readonly issuer: string; readonly sid: string } | null;
};

/** A session that somebody presented, and whose it is, as the database knows both now. */
export type PresentedSession = { readonly session: Session; readonly user: User };

/** How long sessions last. */
export type SessionLimits = {
  /** Without any request, in milliseconds. */
  readonly idleMs: number;
  /** In all, in milliseconds. */
  readonly lifetimeMs: number;
};

/** Eight hours without a request, seven days in all. */
export const defaultSessionLimits: SessionLimits = { idleMs: 8 * 3_600_000, lifetimeMs: 7 * 86_400_000 };

/** How often a session's last request is noted at most, in milliseconds. */
export const touchIntervalMs = 60_000;

/** When a session ends if no request comes. */
export function idleExpiryOf({ lastSeenAt, expiresAt }: Session, { idleMs }: SessionLimits): Date {
  return new Date(Math.min(lastSeenAt.getTime() + idleMs, expiresAt.getTime()));
}

/** Whether a session still counts at `now`. */
export function isLive(session: Session, limits: SessionLimits, now: Date): boolean {
  return idleExpiryOf(session, limits) > now;
}

/** What a page proves with that it may read the session's answers. Follows from the secret, so that it needs no place of its own. */
export function csrfTokenOf(sessionSecret: string): string {
  return createHmac("sha256", sessionSecret).update("csrf").digest("base64url");
}

/** Compares in a time that says nothing about where two texts differ. */
export function isSameSecret(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The problem of a cookie that is no session (any more). */
export function sessionEnded(): ProblemError {
  return new ProblemError("session_ended", "Sign in again at /sign-in.");
}
