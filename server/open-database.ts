import type { StartConfig } from "./config.ts";
import { openPostgres } from "./database/postgres.ts";
import { isPostgresUrl, redactPostgresUrl } from "./database/postgres-url.ts";
import { openSqlite } from "./database/sqlite.ts";
import type { Database } from "./domain/stores.ts";

type DatabaseConfig = Pick<StartConfig, "database" | "postgres">;

/** How a database is opened: whether a missing SQLite file is created, and who hears of lost connections. */
type Opening = { readonly create: "if-missing" | "never"; readonly onConnectionLost: (error: Error) => void };

/**
 * Opens the database of the settings: the SQLite file of a path, the PostgreSQL database of a URL.
 * @throws Error that says what is wrong and what to correct, without the URL's password.
 */
export async function openDatabase(config: DatabaseConfig, { create, ...listeners }: Opening): Promise<Database> {
  try {
    if (isPostgresUrl(config.database))
      return await openPostgres({ url: config.database, ...config.postgres, ...listeners });
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

/** Where the database is, as it may be shown. */
export function showDatabase(location: string): string {
  return isPostgresUrl(location) ? redactPostgresUrl(location) : location;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
