import type { Kysely } from "kysely";
import type { DialectWords } from "../dialect-words.ts";

/** The rules of organizations for their tokens. */
export function createPolicyTables({ time, tableEnd }: DialectWords) {
  return {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable("organization_policies")
        .addColumn("organization_id", "text", (column) => column.primaryKey().notNull().references("organizations.id"))
        .addColumn("default_lifetime_seconds", time)
        .addColumn("maximum_lifetime_seconds", time)
        .addColumn("token_roles", "text", (column) => column.notNull())
        .addColumn("duplicate_labels", "text", (column) => column.notNull())
        .addColumn("label_confirmation", "text", (column) => column.notNull())
        .addColumn("tokens_may_generate", time, (column) => column.notNull())
        .addColumn("on_leak", "text", (column) => column.notNull())
        .modifyEnd(tableEnd)
        .execute();
    },
  };
}
