import type { Kysely, Selectable } from "kysely";
import { parseId } from "../domain/ids.ts";
import type { UserChange, UserStore } from "../domain/stores.ts";
import type { User } from "../domain/user.ts";
import { milliseconds, parseRole, parseTime } from "./rows.ts";
import type { Tables, UserRow } from "./schema.ts";

/** How many organizations one address is looked up in, at most. */
const maxOrganizations = 20;

/** People of organizations in the database. */
export function createUserStore(database: Kysely<Tables>): UserStore {
  const newestFirst = () =>
    database
      .selectFrom("users")
      .selectAll()
      .orderBy(({ fn, val }) => fn.coalesce("last_signed_in_at", val(0)), "desc")
      .orderBy("id")
      .limit(maxOrganizations);
  return {
    async insertUser(user) {
      await database.insertInto("users").values(userRow(user)).execute();
    },
    async findUser(organizationId, id) {
      const row = await database
        .selectFrom("users")
        .selectAll()
        .where("organization_id", "=", organizationId)
        .where("id", "=", id)
        .executeTakeFirst();
      return row === undefined ? undefined : parseUser(row);
    },
    async findUserByEmail(organizationId, email) {
      const row = await database
        .selectFrom("users")
        .selectAll()
        .where("organization_id", "=", organizationId)
        .where("email", "=", email)
        .executeTakeFirst();
      return row === undefined ? undefined : parseUser(row);
    },
    async listUsers(organizationId, { limit, page, after }) {
      const rows = await database
        .selectFrom("users")
        .selectAll()
        .where("organization_id", "=", organizationId)
        .$if(after !== undefined, (query) => query.where("id", "<", after ?? ""))
        .orderBy("id", "desc")
        .limit(limit + 1)
        .offset((page - 1) * limit)
        .execute();
      const { total } = await database
        .selectFrom("users")
        .select(({ fn }) => fn.countAll<number>().as("total"))
        .where("organization_id", "=", organizationId)
        .executeTakeFirstOrThrow();
      return { users: rows.map(parseUser), total: Number(total) };
    },
    async countAdmins(organizationId) {
      const { total } = await database
        .selectFrom("users")
        .select(({ fn }) => fn.countAll<number>().as("total"))
        .where("organization_id", "=", organizationId)
        .where("role", "=", "admin")
        .executeTakeFirstOrThrow();
      return Number(total);
    },
    async updateUser(organizationId, id, change) {
      await database
        .updateTable("users")
        .set(changedColumns(change))
        .where("organization_id", "=", organizationId)
        .where("id", "=", id)
        .execute();
    },
    async deleteUser(organizationId, id) {
      await database.deleteFrom("users").where("organization_id", "=", organizationId).where("id", "=", id).execute();
    },
    async findUsersByEmail(email) {
      return (await newestFirst().where("email", "=", email).execute()).map(parseUser);
    },
    async findUsersByIdentity({ issuer, subject }) {
      const query = newestFirst().where("oidc_issuer", "=", issuer).where("oidc_subject", "=", subject);
      return (await query.execute()).map(parseUser);
    },
    async findFirstAdmin() {
      const row = await database
        .selectFrom("users")
        .selectAll()
        .where("role", "=", "admin")
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom("users as signed_in").select("id").where("last_signed_in_at", "is not", null))),
        )
        .orderBy("id")
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? undefined : parseUser(row);
    },
    async listAdminEmails(organizationId) {
      const rows = await database
        .selectFrom("users")
        .select("email")
        .where("organization_id", "=", organizationId)
        .where("role", "=", "admin")
        .orderBy("email")
        .limit(1000)
        .execute();
      return rows.map(({ email }) => email);
    },
  };
}

/** Reads a user from its row. */
export function parseUser(row: Selectable<UserRow>): User {
  const { oidc_issuer: issuer, oidc_subject: subject } = row;
  return {
    id: parseId(row.id),
    organizationId: parseId(row.organization_id),
    email: row.email,
    role: parseRole(row.role),
    createdAt: new Date(row.created_at),
    invitedBy: row.invited_by,
    lastSignedInAt: parseTime(row.last_signed_in_at),
    identity: issuer === null || subject === null ? null : { issuer, subject },
  };
}

function userRow(user: User): UserRow {
  return {
    id: user.id,
    organization_id: user.organizationId,
    email: user.email,
    role: user.role,
    created_at: user.createdAt.getTime(),
    invited_by: user.invitedBy,
    last_signed_in_at: milliseconds(user.lastSignedInAt),
    oidc_issuer: user.identity?.issuer ?? null,
    oidc_subject: user.identity?.subject ?? null,
  };
}

function changedColumns({ role, lastSignedInAt, identity }: UserChange): Partial<UserRow> {
  return {
    ...(role === undefined ? {} : { role }),
    ...(lastSignedInAt === undefined ? {} : { last_signed_in_at: lastSignedInAt.getTime() }),
    ...(identity === undefined ? {} : { oidc_issuer: identity.issuer, oidc_subject: identity.subject }),
  };
}
