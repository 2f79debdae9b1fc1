import type { StartConfig } from "./config.ts";
import { openPostgres } from "./database/postgres.ts";
import { isPostgresUrl, redactPostgresUrl } from "./database/postgres-url.ts";
import { openSqlite } from "./database/sqlite.ts";
import type { Database } from "./domain/stores.ts";

type DatabaseConfig = Pick<StartConfig, "database" | "postgres">;

/** How a database is opened: whether a missing SQLite file is created, and who hears of lost connections. */
type Opening = { readonly create: "if-missing" | "never"; readonly onConnectionLost?: (error: Error) => void };

/**
 * Opens the database of the settings: the SQLite file of a path, the PostgreSQL database of a URL.
 * @throws Error that says what is wrong and what to correct, without the URL's password.
 */
export async function openDatabase(
  config: DatabaseConfig,
  { create, onConnectionLost = () => undefined }: Opening,
): Promise<Database> {
  try {
    if (isPostgresUrl(config.database))
      return await openPostgres({ url: config.database, ...config.postgres, onConnectionLost });
    return await openSqlite({ path: config.database, create });
  } catch (error) {
    const advice =
      create === "never" ? " Run orgtokens-server init first, or correct --database." : " Correct --database.";
    throw new Error(
      `Cannot open the database ${showDatabase(config.database)}: ${messageOf(error).replace(/\.$/, "")}.${advice}`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Opens a database that has an organization.
 * @param onConnectionLost told when an idle connection to PostgreSQL was lost; the next use opens another.
 * @throws Error when it cannot be opened, or has none.
 */
export async function openInitialised(
  config: DatabaseConfig,
  onConnectionLost: (error: Error) => void,
): Promise<Database> {
  const database = await openDatabase(config, { create: "never", onConnectionLost });
  if ((await database.stores.organizations.countOrganizations()) > 0) return database;
  await database.close();
  throw new Error("The database has no organization yet. Run orgtokens-server init with it first.");
}

/** Where the database is, as it may be shown. */
export function showDatabase(location: string): string {
  return isPostgresUrl(location) ? redactPostgresUrl(location) : location;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
