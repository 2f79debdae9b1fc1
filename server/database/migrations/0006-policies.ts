import type { Kysely } from "kysely";
import type { DialectWords } from "../dialect-words.ts";

/** The rules of organizations for their tokens, the networks of tokens, and idempotency keys of creations. */
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
      await database.schema.alterTable("api_tokens").addColumn("allowed_networks", "text").execute();
      await database.schema
        .createTable("idempotent_creations")
        .addColumn("organization_id", "text", (column) => column.notNull().references("organizations.id"))
        .addColumn("idempotency_key", "text", (column) => column.notNull())
        .addColumn("request_sha256", "text", (column) => column.notNull())
        .addColumn("api_token_id", "text", (column) => column.notNull())
        .addColumn("made_at", time, (column) => column.notNull())
        .addPrimaryKeyConstraint("idempotent_creations_pk", ["organization_id", "idempotency_key"])
        .modifyEnd(tableEnd)
        .execute();
      await database.schema
        .createIndex("idempotent_creations_made_at")
        .on("idempotent_creations")
        .column("made_at")
        .execute();
    },
  };
}
