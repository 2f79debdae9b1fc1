import type { Kysely } from "kysely";
import type { DialectWords } from "../dialect-words.ts";

/** Mail that waits or was sent, and which expiries were announced. */
export function createMailTables({ time, tableEnd }: DialectWords) {
  return {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable("mail")
        .addColumn("id", "text", (column) => column.primaryKey().notNull())
        .addColumn("organization_id", "text", (column) => column.notNull().references("organizations.id"))
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("recipient", "text", (column) => column.notNull())
        .addColumn("facts", "text", (column) => column.notNull())
        .addColumn("one_time_path", "text")
        .addColumn("one_time_expires_at", time)
        .addColumn("api_token_id", "text")
        .addColumn("dedupe_key", "text", (column) => column.unique())
        .addColumn("created_at", time, (column) => column.notNull())
        .addColumn("status", "text", (column) => column.notNull())
        .addColumn("digest_id", "text")
        .addColumn("attempts", "integer", (column) => column.notNull())
        .addColumn("due_at", time, (column) => column.notNull())
        .addColumn("lease_id", "text")
        .addColumn("last_error", "text")
        .addColumn("finished_at", time)
        .modifyEnd(tableEnd)
        .execute();
      await createMailIndexes(database);
      await database.schema
        .createTable("expiry_notices")
        .addColumn("api_token_id", "text", (column) => column.notNull().references("api_tokens.id").onDelete("cascade"))
        .addColumn("expires_at", time, (column) => column.notNull())
        .addColumn("days", "integer", (column) => column.notNull())
        .addPrimaryKeyConstraint("expiry_notices_pk", ["api_token_id", "expires_at", "days"])
        .modifyEnd(tableEnd)
        .execute();
      await database.schema.createIndex("api_tokens_expires_at").on("api_tokens").column("expires_at").execute();
    },
  };
}

async function createMailIndexes(database: Kysely<unknown>): Promise<void> {
  const create = (name: string, columns: string[]) =>
    database.schema.createIndex(name).on("mail").columns(columns).execute();
  await create("mail_due", ["status", "due_at"]);
  await create("mail_api_token", ["organization_id", "api_token_id", "id"]);
  await create("mail_recipient", ["organization_id", "recipient", "status", "finished_at"]);
  await create("mail_digest", ["digest_id"]);
  await create("mail_finished", ["finished_at"]);
}
