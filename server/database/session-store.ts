import type { Kysely, Selectable } from "kysely";
import { parseId } from "../domain/ids.ts";
import type { Session } from "../domain/session.ts";
import type { SessionStore } from "../domain/stores.ts";
import type { SessionRow, Tables } from "./schema.ts";
import { parseUser } from "./user-store.ts";

/** How many sessions of one user are listed. */
const maxListed = 100;

/** Signed-in browsers in the database. */
export function createSessionStore(database: Kysely<Tables>): SessionStore {
  return {
    async insertSession(session) {
      await database.insertInto("sessions").values(sessionRow(session)).execute();
    },
    async findPresentedSession(sha256) {
      const row = await database.selectFrom("sessions").selectAll().where("sha256", "=", sha256).executeTakeFirst();
      if (row === undefined) return undefined;
      const user = await database
        .selectFrom("users")
        .selectAll()
        .where("organization_id", "=", row.organization_id)
        .where("id", "=", row.user_id)
        .executeTakeFirst();
      return user === undefined ? undefined : { session: parseSession(row), user: parseUser(user) };
    },
    async listSessions(organizationId, userId) {
      const rows = await database
        .selectFrom("sessions")
        .selectAll()
        .where("organization_id", "=", organizationId)
        .where("user_id", "=", userId)
        .orderBy("id", "desc")
        .limit(maxListed)
        .execute();
      return rows.map(parseSession);
    },
    async touchSession(organizationId, id, seenAt) {
      await database
        .updateTable("sessions")
        .set({ last_seen_at: seenAt.getTime() })
        .where("organization_id", "=", organizationId)
        .where("id", "=", id)
        .where("last_seen_at", "<", seenAt.getTime())
        .execute();
    },
    async deleteSession(organizationId, userId, id) {
      const { numDeletedRows } = await database
        .deleteFrom("sessions")
        .where("organization_id", "=", organizationId)
        .where("user_id", "=", userId)
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    async deleteOutdatedSessions(now) {
      const { numDeletedRows } = await database
        .deleteFrom("sessions")
        .where("expires_at", "<=", now.getTime())
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

function parseSession(row: Selectable<SessionRow>): Session {
  const { oidc_issuer: issuer, oidc_sid: sid } = row;
  return {
    id: parseId(row.id),
    organizationId: parseId(row.organization_id),
    userId: parseId(row.user_id),
    sha256: row.sha256,
    createdAt: new Date(row.created_at),
    lastSeenAt: new Date(row.last_seen_at),
    expiresAt: new Date(row.expires_at),
    ip: row.ip,
    userAgent: row.user_agent,
    providerSession: issuer === null || sid === null ? null : { issuer, sid },
  };
}

function sessionRow(session: Session): SessionRow {
  return {
    id: session.id,
    sha256: session.sha256,
    organization_id: session.organizationId,
    user_id: session.userId,
    created_at: session.createdAt.getTime(),
    last_seen_at: session.lastSeenAt.getTime(),
    expires_at: session.expiresAt.getTime(),
    ip: session.ip,
    user_agent: session.userAgent,
    oidc_issuer: session.providerSession?.issuer ?? null,
    oidc_sid: session.providerSession?.sid ?? null,
  };
}
