import { type Kysely, sql } from "kysely";
import type { DialectWords } from "../dialect-words.ts";
import type { Tables } from "../schema.ts";

/** What is known of people beside their address, their sessions, and links that sign them in. */
export function createPeopleTables({ time, tableEnd }: DialectWords) {
  return {
    async up(database: Kysely<Tables>): Promise<void> {
      await extendUsers(database, time);
      await database.schema
        .createTable("sessions")
        .addColumn("id", "text", (column) => column.primaryKey().notNull())
        .addColumn("sha256", "text", (column) => column.notNull().unique())
        .addColumn("organization_id", "text", (column) => column.notNull())
        .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
        .addColumn("created_at", time, (column) => column.notNull())
        .addColumn("last_seen_at", time, (column) => column.notNull())
        .addColumn("expires_at", time, (column) => column.notNull())
        .addColumn("ip", "text")
        .addColumn("user_agent", "text")
        .addColumn("oidc_issuer", "text")
        .addColumn("oidc_sid", "text")
        .modifyEnd(tableEnd)
        .execute();
      await database.schema.createIndex("sessions_user").on("sessions").columns(["user_id", "id"]).execute();
      await database.schema.createIndex("sessions_oidc").on("sessions").columns(["oidc_issuer", "oidc_sid"]).execute();
      await database.schema
        .createTable("sign_in_links")
        .addColumn("sha256", "text", (column) => column.primaryKey().notNull())
        .addColumn("organization_id", "text", (column) => column.notNull())
        .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
        .addColumn("purpose", "text", (column) => column.notNull())
        .addColumn("created_at", time, (column) => column.notNull())
        .addColumn("expires_at", time, (column) => column.notNull())
        .addColumn("ended_at", time)
        .addColumn("return_to", "text")
        .modifyEnd(tableEnd)
        .execute();
      await database.schema.createIndex("sign_in_links_user").on("sign_in_links").column("user_id").execute();
    },
  };
}

/** Addresses are compared in small letters from here on. */
async function extendUsers(database: Kysely<Tables>, time: DialectWords["time"]): Promise<void> {
  await database.schema.alterTable("users").addColumn("invited_by", "text").execute();
  await database.schema.alterTable("users").addColumn("last_signed_in_at", time).execute();
  await database.schema.alterTable("users").addColumn("oidc_issuer", "text").execute();
  await database.schema.alterTable("users").addColumn("oidc_subject", "text").execute();
  await database.updateTable("users").set({ email: sql<string>`lower(email)` }).execute();
  await database.schema.createIndex("users_email").on("users").column("email").execute();
  await database.schema
    .createIndex("users_oidc_identity")
    .unique()
    .on("users")
    .columns(["organization_id", "oidc_issuer", "oidc_subject"])
    .execute();
}
