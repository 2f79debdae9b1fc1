import type { UserPrincipal } from "../domain/principal.ts";
import { isLive } from "../domain/session.ts";
import type { Operation } from "./operation.ts";

/** Lists the caller's own live sessions, newest first. */
export const listSessions: Operation<"listSessions", UserPrincipal> = async (services, { principal }) => {
  const now = services.clock.now();
  const { organizationId, userId } = principal;
  const sessions = await services.database.stores.sessions.listSessions(organizationId, userId);
  return {
    sessions: sessions
      .filter((session) => isLive(session, services.signIn.sessions, now))
      .map(({ id, createdAt, lastSeenAt, ip, userAgent }) => ({
        id,
        created: createdAt.toISOString(),
        lastSeen: lastSeenAt.toISOString(),
        ip,
        userAgent,
        current: id === principal.session.id,
      })),
  };
};
