import { type Kysely, sql } from "kysely";
import type { DialectWords } from "../dialect-words.ts";

/** Organizations, their people, tokens, secrets and claimed destinations. */
export function createApiTokenTables({ time, tableEnd }: DialectWords) {
  return {
    async up(database: Kysely<unknown>): Promise<void> {
      await database.schema
        .createTable("organizations")
        .addColumn("id", "text", (column) => column.primaryKey().notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("created_at", time, (column) => column.notNull())
        .modifyEnd(tableEnd)
        .execute();
      await database.schema
        .createTable("users")
        .addColumn("id", "text", (column) => column.primaryKey().notNull())
        .addColumn("organization_id", "text", (column) => column.notNull().references("organizations.id"))
        .addColumn("email", "text", (column) => column.notNull())
        .addColumn("role", "text", (column) => column.notNull())
        .addColumn("created_at", time, (column) => column.notNull())
        .addUniqueConstraint("users_organization_email", ["organization_id", "email"])
        .modifyEnd(tableEnd)
        .execute();
      await createApiTokens(database, { time, tableEnd });
      await createSecrets(database, { time, tableEnd });
      await database.schema
        .createTable("destinations")
        .addColumn("organization_id", "text", (column) => column.notNull())
        .addColumn("uri", "text", (column) => column.notNull())
        .addColumn("api_token_id", "text", (column) => column.notNull().references("api_tokens.id").onDelete("cascade"))
        .addPrimaryKeyConstraint("destinations_pk", ["organization_id", "uri"])
        .modifyEnd(tableEnd)
        .execute();
      await database.schema.createIndex("destinations_api_token").on("destinations").column("api_token_id").execute();
    },
  };
}

async function createApiTokens(database: Kysely<unknown>, { time, tableEnd }: DialectWords): Promise<void> {
  await database.schema
    .createTable("api_tokens")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("organization_id", "text", (column) => column.notNull().references("organizations.id"))
    .addColumn("label", "text", (column) => column.notNull())
    .addColumn("description", "text")
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("created_at", time, (column) => column.notNull())
    .addColumn("created_by", "text", (column) => column.notNull())
    .addColumn("pending_until", time)
    .addColumn("expires_at", time)
    .addColumn("rotated_at", time)
    .addColumn("revoked_at", time)
    .addColumn("last_used_at", time)
    .addColumn("last_used_ip", "text")
    .addColumn("destination", "text")
    .addColumn("managed_by", "text")
    .modifyEnd(tableEnd)
    .execute();
  await database.schema.createIndex("api_tokens_newest").on("api_tokens").columns(["organization_id", "id"]).execute();
  await database.schema
    .createIndex("api_tokens_label")
    .on("api_tokens")
    .columns(["organization_id", "label", "id"])
    .execute();
}

async function createSecrets(database: Kysely<unknown>, { time, tableEnd }: DialectWords): Promise<void> {
  await database.schema
    .createTable("api_token_secrets")
    .addColumn("sha256", "text", (column) => column.primaryKey().notNull())
    .addColumn("fingerprint", "text", (column) => column.notNull())
    .addColumn("obfuscated", "text", (column) => column.notNull())
    .addColumn("organization_id", "text", (column) => column.notNull())
    .addColumn("api_token_id", "text", (column) => column.notNull().references("api_tokens.id").onDelete("cascade"))
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("created_at", time, (column) => column.notNull())
    .addColumn("dies_at", time)
    .addColumn("rotation", "text")
    .modifyEnd(tableEnd)
    .execute();
  await database.schema
    .createIndex("api_token_secrets_fingerprint")
    .on("api_token_secrets")
    .columns(["api_token_id", "fingerprint"])
    .execute();
  for (const state of ["current", "new"]) {
    await database.schema
      .createIndex(`api_token_secrets_one_${state}`)
      .unique()
      .on("api_token_secrets")
      .column("api_token_id")
      .where(sql.ref("state"), "=", sql.lit(state))
      .execute();
  }
}
