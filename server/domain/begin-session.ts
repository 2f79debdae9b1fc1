import type { RequestOrigin } from "./audit-event.ts";
import type { Clock } from "./clock.ts";
import type { IdGenerator, SessionId } from "./ids.ts";
import { recordChange } from "./record-change.ts";
import type { IssuedSecret } from "./secret-text.ts";
import type { Session, SessionLimits } from "./session.ts";
import type { Stores } from "./stores.ts";
import { type User, userTarget } from "./user.ts";

/** What beginning a session needs. */
export type BeginSessionServices = { readonly clock: Clock; readonly newId: IdGenerator };

/** How somebody signed in. */
export type SignInWay = "sign_in_link" | "invitation" | "first_sign_in_link" | "oidc";

/** A sign-in that has succeeded. */
export type SignIn = {
  readonly user: User;
  readonly way: SignInWay;
  readonly origin: RequestOrigin;
  readonly limits: SessionLimits;
  readonly secret: IssuedSecret;
  /** Of the session that the browser had before, which ends. */
  readonly previousSha256: string | undefined;
  readonly providerSession: Session["providerSession"];
};

/**
 * Begins a session, in the caller's transaction and as its last step: always a fresh one, so that nobody can sign another
 * one in to a session of their own. Every link of the user ends with it.
 */
export async function beginSession(
  stores: Stores,
  services: BeginSessionServices,
  { user, way, origin, limits, secret, previousSha256, providerSession }: SignIn,
): Promise<Session> {
  const now = services.clock.now();
  const { organizationId } = user;
  const session: Session = {
    id: services.newId<SessionId>(),
    organizationId,
    userId: user.id,
    sha256: secret.sha256,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: new Date(now.getTime() + limits.lifetimeMs),
    ip: origin.ip,
    userAgent: origin.userAgent,
    providerSession,
  };
  await stores.sessions.insertSession(session);
  await stores.signInLinks.endSignInLinksOf(organizationId, user.id, now);
  await stores.users.updateUser(organizationId, user.id, { lastSignedInAt: now });
  await endPrevious(stores, services, origin, previousSha256);
  await recordChange(stores, services, {
    organizationId,
    actor: { type: "user", id: user.id, label: user.email },
    origin,
    action: "session.created",
    target: userTarget(user),
    after: { session: session.id, way },
  });
  return session;
}

/** It may be another user's, of another organization: whoever had it ends it, and their trail tells. */
async function endPrevious(
  stores: Stores,
  services: BeginSessionServices,
  origin: RequestOrigin,
  sha256: string | undefined,
): Promise<void> {
  const previous = sha256 === undefined ? undefined : await stores.sessions.findPresentedSession(sha256);
  if (previous === undefined) return;
  const { session, user } = previous;
  const { organizationId, userId, id } = session;
  await stores.sessions.deleteSession(organizationId, userId, id);
  await recordChange(stores, services, {
    organizationId,
    actor: { type: "user", id: userId, label: user.email },
    origin,
    action: "session.revoked",
    target: userTarget(user),
    before: { session: id },
  });
}
