import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { DialectWords } from "./dialect-words.ts";
import { createApiTokenTables } from "./migrations/0001-api-tokens.ts";
import { createAuditEventTables } from "./migrations/0002-audit-events.ts";
import { createMailTables } from "./migrations/0003-mail.ts";
import { createPeopleTables } from "./migrations/0004-people.ts";
import { createAlarmTable } from "./migrations/0005-alarms.ts";
import { createPolicyTables } from "./migrations/0006-policies.ts";
import type { Tables } from "./schema.ts";

/**
 * Brings the tables to the version of this program, each migration in its own transaction.
 * @throws Error when a migration fails, or the database was written by a newer version.
 */
export async function migrate(database: Kysely<Tables>, words: DialectWords): Promise<void> {
  const migrations: Record<string, Migration> = {
    "0001-api-tokens": createApiTokenTables(words),
    "0002-audit-events": createAuditEventTables(words),
    "0003-mail": createMailTables(words),
    "0005-alarms": createAlarmTable(words),
    "0004-people": createPeopleTables(words),
    "0006-policies": createPolicyTables(words),
  };
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const reason = error instanceof Error ? error.message : "it says no more";
    throw new Error(
      `The database cannot be migrated: ${reason}. It may have been written by a newer version of orgtokens.`,
      {
        cause: error,
      },
    );
  }
}
