import { chmodSync, closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Kysely, type SqlBool, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from "kysely";
import type { Database, Stores } from "../domain/stores.ts";
import { createStores } from "./create-stores.ts";
import type { DialectWords, QueryWords } from "./dialect-words.ts";
import { migrate } from "./migrate.ts";
import type { Tables } from "./schema.ts";
import { SqliteDriver } from "./sqlite-driver.ts";

const words: DialectWords & QueryWords = {
  time: sql`integer`,
  tableEnd: sql`strict`,
  isOneOf: (column, values) =>
    sql<SqlBool>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`,
  usesTable: (uses) =>
    sql`(select value ->> 'organization_id' as organization_id, value ->> 'api_token_id' as api_token_id,
      value ->> 'used_at' as used_at, value ->> 'ip' as ip from json_each(${JSON.stringify(uses)}))`,
};

/** How long a connection waits for another process that writes, in milliseconds. */
const busyTimeoutMs = 5000;

/** Where the database is. */
export type SqliteOptions = {
  /** Path of the file. */
  readonly path: string;
  /** Creates the file, readable by its owner only, when it does not exist. Otherwise that is an error. */
  readonly create: "if-missing" | "never";
};

/**
 * Opens a SQLite database and brings its tables to this version. One connection writes, with write-ahead log and a
 * flush to disk at every commit; another one reads what is committed.
 *
 * @throws Error when the file does not exist, cannot be opened or is no database.
 */
export async function openSqlite(options: SqliteOptions): Promise<Database> {
  prepareFile(options);
  const connections = [connect(options.path), connect(options.path)] as const;
  const closeAll = () => {
    for (const connection of connections) if (connection.isOpen) connection.close();
  };
  const [writer, reader] = [createQueries(connections[0]), createQueries(connections[1])];
  try {
    await migrate(writer, words);
  } catch (error) {
    closeAll();
    throw error;
  }
  let lastTransaction: Promise<unknown> = Promise.resolve();
  const running = new Set<string>();
  return {
    stores: createStores(reader, words),
    transact<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
      const run = () => writer.transaction().execute((transaction) => work(createStores(transaction, words)));
      const result = lastTransaction.then(run, run);
      lastTransaction = result.catch(() => undefined);
      return result;
    },
    async exclusively(name, work) {
      if (running.has(name)) return false;
      running.add(name);
      try {
        await work();
      } finally {
        running.delete(name);
      }
      return true;
    },
    async ping() {
      await sql`select 1 from organizations limit 1`.execute(reader);
    },
    async close() {
      await lastTransaction;
      closeAll();
    },
  };
}

function prepareFile({ path, create }: SqliteOptions): void {
  closeSync(openSync(path, create === "never" ? "r+" : "a", 0o600));
  if (create === "if-missing") chmodSync(path, 0o600);
}

function connect(path: string): DatabaseSync {
  const connection = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    connection.exec("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on");
  } catch (error) {
    connection.close();
    throw error;
  }
  return connection;
}

/** SQLite's changes of tables are transactional, which Kysely does not make use of by itself. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function createQueries(connection: DatabaseSync): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createDriver: () => new SqliteDriver(connection),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createAdapter: () => new TransactionalAdapter(),
      createIntrospector: (database) => new SqliteIntrospector(database),
    },
  });
}
