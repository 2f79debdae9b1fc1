import type { Kysely } from "kysely";
import type { UserStore } from "../domain/stores.ts";
import type { Tables } from "./schema.ts";

/** People of organizations in the database. */
export function createUserStore(database: Kysely<Tables>): UserStore {
  return {
    async insertUser({ id, organizationId, email, role, createdAt }) {
      await database
        .insertInto("users")
        .values({ id, organization_id: organizationId, email, role, created_at: createdAt.getTime() })
        .execute();
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
