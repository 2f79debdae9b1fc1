import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, type SqlBool, sql } from "kysely";
import { type ClientBase, Pool, type PoolConfig, types } from "pg";
import type { Database, Stores } from "../domain/stores.ts";
import { createStores } from "./create-stores.ts";
import type { DialectWords, QueryWords } from "./dialect-words.ts";
import { migrate } from "./migrate.ts";
import { isCollision, isUniqueViolation, PostgresDriver, StatementNames, within } from "./postgres-driver.ts";
import { parsePostgresUrl } from "./postgres-url.ts";
import type { Tables } from "./schema.ts";

const words: DialectWords & QueryWords = {
  time: sql`bigint`,
  tableEnd: sql``,
  isOneOf: (column, values) => sql<SqlBool>`${sql.ref(column)} = any(${values})`,
  usesTable: (uses) =>
    sql`(select * from jsonb_to_recordset(${JSON.stringify(uses)}::jsonb)
      as use (organization_id text, api_token_id text, used_at bigint, ip text))`,
};

/**
 * How transactions of all replicas keep out of each other's way. Each runs as SERIALIZABLE, beside the others; one that
 * collided runs again, alone. The lock is asked for by a statement that takes no snapshot, so that who waited for it sees
 * what was committed meanwhile. Reads outside of transactions wait for neither.
 */
const begin = {
  beside: "begin isolation level serializable; lock table organizations in row share mode",
  alone: "begin isolation level serializable; lock table organizations in exclusive mode",
  /** Holds a turn of background work: such a transaction is idle, and neither reads nor writes. */
  turn: "begin; set local idle_in_transaction_session_timeout = 0",
  migration: "begin",
} as const;

/**
 * How often a transaction runs at most. Alone it collides with nobody, but PostgreSQL lets go of the lock a moment before
 * it forgets the transaction that had it, and may still take the next one for its contemporary.
 */
const maxAttempts = 5;
/** How many transactions of a replica run alone at once after one that collided: where one did, the next ones would. */
const aloneAfterCollision = 50;
/** How many background works can have their turn at once in one replica: each holds a connection. */
const maxTurns = 4;
/** How much longer than the server's own time-out an answer is waited for, in milliseconds. */
const answerSlackMs = 1000;
/** How long a statement of a migration may take, in milliseconds: 10 minutes. */
const migrationTimeoutMs = 600_000;
/** How long an unused connection is kept, in milliseconds. */
const idleTimeoutMs = 30_000;

/** What can be set about the connections to PostgreSQL. */
export type PostgresSettings = {
  /** Connections for requests, at most. Background work adds up to 4. */
  readonly poolSize: number;
  /** How long to wait for a connection, free or new. */
  readonly connectTimeoutMs: number;
  /** How long a statement may take, by PostgreSQL's `statement_timeout`; its answer is waited for 1 s longer. */
  readonly statementTimeoutMs: number;
  /** How long a transaction waits for another one, by PostgreSQL's `lock_timeout`. */
  readonly lockTimeoutMs: number;
  /** After how long PostgreSQL ends a transaction whose replica is silent. */
  readonly idleTransactionTimeoutMs: number;
  /** After how long without traffic TCP probes the connection. */
  readonly keepaliveMs: number;
  /** After how long a connection is replaced by a new one. */
  readonly connectionLifetimeSeconds: number;
  /** What PostgreSQL shows as the connection's owner. */
  readonly applicationName: string;
  /** Prepares each statement once per connection. A pooler in transaction mode may not be able to. */
  readonly namedStatements: boolean;
};

/** Where the database is, and how to connect to it. */
export type PostgresOptions = PostgresSettings & {
  readonly url: string;
  /** Told when an idle connection was lost. Nothing is lost with it: the next use opens another. */
  readonly onConnectionLost: (error: Error) => void;
};

/**
 * Opens a PostgreSQL database and brings its tables to this version; replicas that do so at once wait for each other.
 * A lost connection is replaced at its next use, so that the database may go and come back.
 *
 * @throws Error when the server does not answer, is a standby, or does not flush commits to disk.
 */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const pool = createPool(options, options.poolSize);
  const turnsPool = createPool(options, maxTurns);
  const closeAll = () => Promise.all([pool, turnsPool].map((each) => (each.ending ? undefined : each.end())));
  const timeoutMs = options.statementTimeoutMs + answerSlackMs;
  const names = options.namedStatements ? new StatementNames() : undefined;
  const beside = createQueries(pool, { begin: begin.beside, names, timeoutMs });
  const alone = createQueries(pool, { begin: begin.alone, names, timeoutMs });
  const turns = createQueries(turnsPool, { begin: begin.turn, names: undefined, timeoutMs });
  try {
    await sql`select 1`.execute(beside);
    await migrateAlone(options);
  } catch (error) {
    await closeAll();
    throw explain(error);
  }
  let cautious = 0;
  return {
    stores: createStores(beside, words),
    async transact<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
      for (let attempt = 1; ; attempt += 1) {
        const isAlone = attempt > 1 || cautious > 0;
        cautious = Math.max(0, cautious - 1);
        try {
          const transaction = (isAlone ? alone : beside).transaction();
          return await transaction.execute((queries) => work(createStores(queries, words)));
        } catch (error) {
          const hasCollided = isCollision(error) || (!isAlone && isUniqueViolation(error));
          if (!hasCollided || attempt === maxAttempts) throw error;
          cautious = aloneAfterCollision;
        }
      }
    },
    exclusively: (name, work) =>
      turns.transaction().execute(async (transaction) => {
        const taken = sql<{ taken: boolean }>`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as taken`;
        const isTaken = (await taken.execute(transaction)).rows[0]?.taken === true;
        if (isTaken) await work();
        return isTaken;
      }),
    async ping() {
      await sql`select 1 from organizations limit 1`.execute(beside);
    },
    async close() {
      await closeAll();
    },
    connections: () => ({
      limit: options.poolSize,
      open: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
  };
}

/** On a connection of its own: migrations take as long as they take, also to wait for another replica's. */
async function migrateAlone(options: PostgresOptions): Promise<void> {
  const unlimited = { statement_timeout: 0, lock_timeout: 0, idle_in_transaction_session_timeout: 0 };
  const pool = createPool(options, 1, unlimited);
  try {
    const settings = { begin: begin.migration, names: undefined, timeoutMs: migrationTimeoutMs };
    await migrate(createQueries(pool, settings), words);
  } finally {
    await pool.end();
  }
}

function createPool(options: PostgresOptions, size: number, overrides: PoolConfig = {}): Pool {
  const pool = new Pool({
    ...parsePostgresUrl(options.url),
    max: size,
    connectionTimeoutMillis: options.connectTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    maxLifetimeSeconds: options.connectionLifetimeSeconds,
    statement_timeout: options.statementTimeoutMs,
    lock_timeout: options.lockTimeoutMs,
    idle_in_transaction_session_timeout: options.idleTransactionTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: options.keepaliveMs,
    application_name: options.applicationName,
    types: { getTypeParser: parserOf },
    onConnect: (client) => requirePrimary(client, options.connectTimeoutMs),
    ...overrides,
  });
  pool.on("error", options.onConnectionLost);
  // The pool listens to idle connections only. One that breaks between two statements of a transaction tells the next one.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/**
 * A standby would accept what the primary has revoked, and a server that does not flush loses what was answered.
 * @throws Error when the server is one of them.
 */
async function requirePrimary(client: ClientBase, timeoutMs: number): Promise<void> {
  const asked = client.query("select pg_is_in_recovery() as standby, current_setting('synchronous_commit') as flush");
  const { rows } = await within(timeoutMs, asked);
  if (rows[0]?.standby !== false) throw new Error("It is a standby; name the primary.");
  if (rows[0]?.flush === "off") throw new Error("It has synchronous_commit = off; set it to on for this role.");
}

function createQueries(pool: Pool, options: ConstructorParameters<typeof PostgresDriver>[1]): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createDriver: () => new PostgresDriver(pool, options),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createAdapter: () => new PostgresAdapter(),
      createIntrospector: (database) => new PostgresIntrospector(database),
    },
  });
}

/** Times and counts are below 2^53: numbers, as in SQLite. */
function parserOf(...[type, format]: Parameters<typeof types.getTypeParser>) {
  return type === types.builtins.INT8 ? Number : types.getTypeParser(type, format);
}

/** Node tells of a name with several addresses by an error without words, which holds one error per address. */
function explain(error: unknown): unknown {
  if (!(error instanceof AggregateError) || error.message !== "") return error;
  const messages = error.errors.map((each) => (each instanceof Error ? each.message : String(each)));
  return new Error(messages.join("; "), { cause: error });
}
