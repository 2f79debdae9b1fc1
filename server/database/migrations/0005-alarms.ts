import type { Kysely } from "kysely";
import type { DialectWords } from "../dialect-words.ts";

/** Which alarms were raised in which hour, by the primary key once; and the ways in which events are looked for. */
export function createAlarmTable({ time, tableEnd }: DialectWords) {
  return {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable("alarms")
        .addColumn("organization_id", "text", (column) => column.notNull().references("organizations.id"))
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("api_token_id", "text", (column) => column.notNull().references("api_tokens.id").onDelete("cascade"))
        .addColumn("hour", time, (column) => column.notNull())
        .addPrimaryKeyConstraint("alarms_pk", ["organization_id", "kind", "api_token_id", "hour"])
        .modifyEnd(tableEnd)
        .execute();
      await database.schema.createIndex("alarms_api_token").on("alarms").column("api_token_id").execute();
      for (const column of ["actor_id", "action", "at"]) {
        await database.schema
          .createIndex(`audit_events_${column}`)
          .on("audit_events")
          .columns(["organization_id", column, "sequence"])
          .execute();
      }
    },
  };
}
