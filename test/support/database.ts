import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import { openSqlite } from "../../server/database/sqlite.ts";
import type { Database } from "../../server/domain/stores.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** An open database and the file it is in. */
export type TestDatabase = { readonly database: Database; readonly path: string };

/** Opens a database of its own for the test that asks, closed and removed when it has finished. */
export async function openTestDatabase(): Promise<TestDatabase> {
  return openDatabaseAt(join(await temporaryFolder(), "orgtokens.sqlite"));
}

/** Opens the database in `path`, closed when the test has finished. */
export async function openDatabaseAt(path: string): Promise<TestDatabase> {
  const database = await openSqlite({ path, create: "if-missing" });
  onTestFinished(() => database.close());
  return { database, path };
}

/** Every row of every table, by a connection of its own. Last uses are left out: each request of a token notes one. */
export function readContents(path: string): Readonly<Record<string, readonly unknown[]>> {
  const connection = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = connection.prepare("select name from sqlite_schema where type = 'table' order by name").all();
    return Object.fromEntries(tables.map(({ name }) => [String(name), readRows(connection, String(name))]));
  } finally {
    connection.close();
  }
}

function readRows(connection: DatabaseSync, table: string): readonly unknown[] {
  const rows = connection.prepare(`select * from "${table}" order by rowid`).all();
  return rows.map(({ last_used_at: _at, last_used_ip: _ip, ...rest }) => rest);
}

/** Runs SQL in the file, as somebody with a hand in it would. */
export function alterDatabase(path: string, sqlText: string): void {
  const connection = new DatabaseSync(path);
  connection.exec(sqlText);
  connection.close();
}

/** All bytes of the database on disk: the file, its write-ahead log and its index, as Latin-1 text to search in. */
export function readBytes(path: string): string {
  const files = [path, `${path}-wal`, `${path}-shm`].filter((file) => existsSync(file));
  return files.map((file) => readFileSync(file, "latin1")).join("");
}
