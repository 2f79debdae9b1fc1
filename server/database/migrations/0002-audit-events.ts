import { type Kysely, sql } from "kysely";
import { firstHash } from "../audit-chain.ts";
import type { DialectWords } from "../dialect-words.ts";
import type { Tables } from "../schema.ts";

/** What happened in each organization, and where each organization's chain of events ends. */
export function createAuditEventTables({ time, tableEnd }: DialectWords) {
  return {
    async up(database: Kysely<Tables>): Promise<void> {
      await database.schema
        .createTable("audit_heads")
        .addColumn("organization_id", "text", (column) => column.primaryKey().notNull().references("organizations.id"))
        .addColumn("sequence", time, (column) => column.notNull())
        .addColumn("hash", "text", (column) => column.notNull())
        .modifyEnd(tableEnd)
        .execute();
      await database
        .insertInto("audit_heads")
        .columns(["organization_id", "sequence", "hash"])
        .expression(
          database
            .selectFrom("organizations")
            .select(["id", sql.lit<number>(0).as("sequence"), sql.lit<string>(firstHash).as("hash")]),
        )
        .execute();
      await createAuditEvents(database, { time, tableEnd });
    },
  };
}

async function createAuditEvents(database: Kysely<Tables>, { time, tableEnd }: DialectWords): Promise<void> {
  await database.schema
    .createTable("audit_events")
    .addColumn("organization_id", "text", (column) => column.notNull().references("organizations.id"))
    .addColumn("sequence", time, (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull().unique())
    .addColumn("at", time, (column) => column.notNull())
    .addColumn("action", "text", (column) => column.notNull())
    .addColumn("outcome", "text", (column) => column.notNull())
    .addColumn("actor_type", "text", (column) => column.notNull())
    .addColumn("actor_id", "text")
    .addColumn("actor_label", "text", (column) => column.notNull())
    .addColumn("target_type", "text")
    .addColumn("target_id", "text")
    .addColumn("target_label", "text")
    .addColumn("ip", "text")
    .addColumn("user_agent", "text")
    .addColumn("request_id", "text")
    .addColumn("before", "text")
    .addColumn("after", "text")
    .addColumn("previous_hash", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("audit_events_pk", ["organization_id", "sequence"])
    .modifyEnd(tableEnd)
    .execute();
  await database.schema
    .createIndex("audit_events_target")
    .on("audit_events")
    .columns(["organization_id", "target_id", "sequence"])
    .execute();
}
