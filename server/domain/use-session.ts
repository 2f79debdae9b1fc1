import type { Clock } from "./clock.ts";
import type { UserPrincipal } from "./principal.ts";
import { digestSecret } from "./secret-text.ts";
import { csrfTokenOf, isLive, sessionEnded, touchIntervalMs } from "./session.ts";
import type { SignInSettings } from "./sign-in.ts";
import type { Database } from "./stores.ts";

/** What accepting a session needs. */
export type SessionUseServices = {
  readonly database: Database;
  readonly clock: Clock;
  readonly signIn: Pick<SignInSettings, "sessions">;
};

/**
 * Finds the user whose session a secret is, with the role the user has now. The use is noted, once a minute.
 *
 * @throws ProblemError `session_ended` unless the session is live; anything else when the database cannot tell.
 */
export async function useSession(
  { database, clock, signIn }: SessionUseServices,
  secret: string,
): Promise<UserPrincipal> {
  const now = clock.now();
  const presented = await database.stores.sessions.findPresentedSession(digestSecret(secret));
  if (presented === undefined || !isLive(presented.session, signIn.sessions, now)) throw sessionEnded();
  const { session, user } = presented;
  const isTouched = now.getTime() - session.lastSeenAt.getTime() >= touchIntervalMs;
  if (isTouched) {
    await database.transact((stores) => stores.sessions.touchSession(session.organizationId, session.id, now));
  }
  return {
    type: "user",
    userId: user.id,
    organizationId: user.organizationId,
    email: user.email,
    role: user.role,
    session: isTouched ? { ...session, lastSeenAt: now } : session,
    csrfToken: csrfTokenOf(secret),
  };
}
