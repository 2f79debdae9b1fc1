import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Client } from "pg";
import { inject, onTestFinished } from "vitest";
import { openPostgres, type PostgresSettings } from "../../server/database/postgres.ts";
import { isPostgresUrl } from "../../server/database/postgres-url.ts";
import { openSqlite } from "../../server/database/sqlite.ts";
import type { Database } from "../../server/domain/stores.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** The database that a run of the server's tests is about: each runs on both. */
export type TestedDatabase =
  | { readonly dialect: "sqlite" }
  | { readonly dialect: "postgres"; readonly binaries: undefined }
  | { readonly dialect: "postgres"; readonly binaries: string; readonly server: string; readonly template: string };

declare module "vitest" {
  interface ProvidedContext {
    database: TestedDatabase;
  }
}

/** An open database and where it is: the path of a SQLite file, or a PostgreSQL URL. */
export type TestDatabase = { readonly database: Database; readonly location: string };

/** Few connections: many tests share the cluster. */
export const postgresSettings: PostgresSettings = {
  poolSize: 4,
  connectTimeoutMs: 5000,
  statementTimeoutMs: 5000,
  lockTimeoutMs: 5000,
  idleTransactionTimeoutMs: 10_000,
  keepaliveMs: 10_000,
  connectionLifetimeSeconds: 1800,
  applicationName: "orgtokens-test",
  namedStatements: true,
};

/** Opens a database of its own for the test that asks, closed and removed when it has finished. */
export async function openTestDatabase(settings: Partial<PostgresSettings> = {}): Promise<TestDatabase> {
  const isSqlite = inject("database").dialect === "sqlite";
  const location = isSqlite ? join(await temporaryFolder(), "orgtokens.sqlite") : await createPostgres("migrated");
  return openDatabaseAt(location, settings);
}

/** A place for a database, where none is yet; what comes there is removed when the test has finished. */
export async function emptyLocation(): Promise<string> {
  const { dialect } = inject("database");
  return dialect === "sqlite" ? join(await temporaryFolder(), "orgtokens.sqlite") : createPostgres("empty");
}

/** Opens the database at `location`, closed when the test has finished. */
export async function openDatabaseAt(
  location: string,
  settings: Partial<PostgresSettings> = {},
): Promise<TestDatabase> {
  const database = isPostgresUrl(location)
    ? await openPostgres({ url: location, ...postgresSettings, ...settings, onConnectionLost: () => undefined })
    : await openSqlite({ path: location, create: "if-missing" });
  onTestFinished(() => database.close());
  return { database, location };
}

/** Every row of every table, by a connection of its own. Last uses are left out: each request of a token notes one. */
export function readContents(location: string): Readonly<Record<string, readonly unknown[]>> {
  const contents = isPostgresUrl(location) ? readPostgres(location) : readSqlite(location);
  return Object.fromEntries(Object.entries(contents).map(([table, rows]) => [table, rows.map(withoutLastUse)]));
}

/** Runs SQL in the database, as somebody with a hand in it would. */
export function alterDatabase(location: string, sqlText: string): void {
  if (isPostgresUrl(location)) {
    runPsql(location, sqlText);
    return;
  }
  const connection = new DatabaseSync(location);
  connection.exec(sqlText);
  connection.close();
}

/** Asks a PostgreSQL database on a connection of its own; gives the rows of the last statement. */
export async function queryDatabase(url: string, text: string): Promise<Rows> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const results = [await client.query(text)].flat();
    return results.at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}

/**
 * Everything that is stored, as text to search in: all bytes of a SQLite database on disk (the file, its write-ahead log and
 * its index, in Latin-1), or all rows of a PostgreSQL database.
 */
export function readBytes(path: string): string {
  if (isPostgresUrl(path)) return JSON.stringify(readPostgres(path));
  const files = [path, `${path}-wal`, `${path}-shm`].filter((file) => existsSync(file));
  return files.map((file) => readFileSync(file, "latin1")).join("");
}

async function createPostgres(state: "migrated" | "empty"): Promise<string> {
  const { server, template } = requirePostgres();
  const name = `test_${randomBytes(6).toString("hex")}`;
  const administrator = `${server}postgres`;
  await queryDatabase(
    administrator,
    `create database ${name} template ${state === "migrated" ? template : "template1"}`,
  );
  onTestFinished(async () => void (await queryDatabase(administrator, `drop database ${name} with (force)`)));
  return server + name;
}

function requirePostgres(): Extract<TestedDatabase, { readonly binaries: string }> {
  const tested = inject("database");
  if (tested.dialect === "sqlite" || tested.binaries === undefined) throw new Error("This needs a PostgreSQL cluster.");
  return tested;
}

type Rows = readonly Readonly<Record<string, unknown>>[];

function readSqlite(path: string): Readonly<Record<string, Rows>> {
  const connection = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = connection.prepare("select name from sqlite_schema where type = 'table' order by name").all();
    const read = (table: string) => connection.prepare(`select * from "${table}" order by rowid`).all();
    return Object.fromEntries(tables.map(({ name }) => [String(name), read(String(name))]));
  } finally {
    connection.close();
  }
}

/** One line per table: its name and its rows, which have no order of their own. */
function readPostgres(url: string): Readonly<Record<string, Rows>> {
  const output = runPsql(
    url,
    String.raw`select format('select %L, coalesce(jsonb_agg(t order by t.*::text), ''[]'') from %I t', tablename, tablename)
      from pg_tables where schemaname = 'public' order by tablename \gexec`,
  );
  const lines = output.split("\n").filter((line) => line !== "");
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("|")), JSON.parse(line.slice(line.indexOf("|") + 1))]),
  );
}

function runPsql(url: string, input: string): string {
  const program = join(requirePostgres().binaries, "psql");
  const args = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", url];
  return execFileSync(program, args, { input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
}

function withoutLastUse({ last_used_at: _at, last_used_ip: _ip, ...rest }: Readonly<Record<string, unknown>>): unknown {
  return rest;
}
