import type { Kysely } from "kysely";
import { parseId } from "../domain/ids.ts";
import type { OrganizationStore } from "../domain/stores.ts";
import { firstHash } from "./audit-chain.ts";
import { parsePolicy, policyRow } from "./organization-policy-row.ts";
import type { Tables } from "./schema.ts";

/** Organizations in the database. */
export function createOrganizationStore(database: Kysely<Tables>): OrganizationStore {
  return {
    async insertOrganization(organization) {
      const { id, name, createdAt } = organization;
      await database.insertInto("organizations").values({ id, name, created_at: createdAt.getTime() }).execute();
      await database.insertInto("audit_heads").values({ organization_id: id, sequence: 0, hash: firstHash }).execute();
    },
    async getOrganization(id) {
      const row = await database.selectFrom("organizations").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
      return { id: parseId(row.id), name: row.name, createdAt: new Date(row.created_at) };
    },
    async getPolicy(id) {
      const row = await database
        .selectFrom("organization_policies")
        .selectAll()
        .where("organization_id", "=", id)
        .executeTakeFirst();
      return parsePolicy(row);
    },
    async putPolicy(id, policy) {
      const { organization_id, ...columns } = policyRow(id, policy);
      await database
        .insertInto("organization_policies")
        .values({ organization_id, ...columns })
        .onConflict((conflict) => conflict.column("organization_id").doUpdateSet(columns))
        .execute();
    },
    async listOrganizations({ limit, after }) {
      const rows = await database
        .selectFrom("organizations")
        .selectAll()
        .$if(after !== undefined, (query) => query.where("id", ">", after ?? ""))
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map((row) => ({ id: parseId(row.id), name: row.name, createdAt: new Date(row.created_at) }));
    },
    async countOrganizations() {
      const { count } = await database
        .selectFrom("organizations")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
  };
}
