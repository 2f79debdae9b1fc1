import type { CompiledQuery, DatabaseConnection, Driver, QueryResult, TransactionSettings } from "kysely";
import { DatabaseError, type QueryResult as PgResult, type Pool, type PoolClient, type QueryConfig } from "pg";

/** How a {@link PostgresDriver} works with its pool. */
export type PostgresDriverOptions = {
  /** The statements a transaction begins with. */
  readonly begin: string;
  /** Prepares each statement once per connection, under these names; undefined prepares none. */
  readonly names: StatementNames | undefined;
  /** How long a statement may take before its connection is given up, in milliseconds. */
  readonly timeoutMs: number;
};

/** How many statements are prepared per connection at most. */
const maxNamed = 200;
/** The table changed under a prepared statement, or a connection pooler does not know it (any more). */
const staleStatement = ["0A000", "26000", "42P05"];
/** Not serializable, and deadlock: another transaction came in between. */
const collision = ["40001", "40P01"];
const uniqueViolation = "23505";
/** The server was a primary and is a standby now. */
const readOnly = "25006";

/** Whether a transaction failed by how it ran, not by what it did: it may succeed when it runs again. */
export function isCollision(error: unknown): boolean {
  const code = codeOf(error);
  return collision.includes(code) || staleStatement.includes(code);
}

/** Whether a row was there already. Beside others, it may have come after the transaction looked for it. */
export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === uniqueViolation;
}

/**
 * The answer, if it comes in time. A server that is stopped or cut off cannot end a statement itself.
 * @throws Error when it does not; the connection still waits for it and is of no more use.
 */
export async function within<T>(timeoutMs: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The database did not answer within ${timeoutMs} ms.`)), timeoutMs);
  });
  try {
    return await Promise.race([answer, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** Drives connections of a `pg` pool. One that failed is closed instead of going back. Whoever opened the pool ends it. */
export class PostgresDriver implements Driver {
  readonly #pool: Pool;
  readonly #options: PostgresDriverOptions;

  constructor(pool: Pool, options: PostgresDriverOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new PostgresConnection(await this.#pool.connect(), this.#options);
  }

  async beginTransaction(connection: DatabaseConnection, _settings: TransactionSettings): Promise<void> {
    await ours(connection).begin(this.#options.begin);
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await ours(connection).commit();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await ours(connection).rollback();
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    ours(connection).release();
  }

  async destroy(): Promise<void> {}
}

/** One connection while somebody has it. */
class PostgresConnection implements DatabaseConnection {
  readonly #client: PoolClient;
  readonly #options: PostgresDriverOptions;
  #isInTransaction = false;
  #isBroken = false;

  constructor(client: PoolClient, options: PostgresDriverOptions) {
    this.#client = client;
    this.#options = options;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const query = { text: sql, values: [...parameters] };
    const name = this.#options.names?.nameOf(sql);
    const result = await this.#run<Row>(name === undefined ? query : { ...query, name }).catch((error: unknown) => {
      if (!staleStatement.includes(codeOf(error))) throw error;
      this.#options.names?.forget();
      if (this.#isInTransaction) throw error;
      return this.#run<Row>(query);
    });
    const { rows, rowCount, command } = result;
    return command === "SELECT" ? { rows } : { rows, numAffectedRows: BigInt(rowCount ?? 0) };
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new Error("Queries of this server are bounded; none is streamed.");
  }

  async begin(text: string): Promise<void> {
    this.#isInTransaction = true;
    await this.#run({ text });
  }

  /** @throws Error when a statement failed before: PostgreSQL answers the commit of such a transaction with a rollback. */
  async commit(): Promise<void> {
    const { command } = await this.#run({ text: "commit" });
    if (command !== "COMMIT") throw new Error("The transaction failed before it was committed; nothing was changed.");
    this.#isInTransaction = false;
  }

  async rollback(): Promise<void> {
    if (this.#isBroken) return;
    await this.#run({ text: "rollback" });
    this.#isInTransaction = false;
  }

  release(): void {
    this.#client.release(this.#isBroken || this.#isInTransaction);
  }

  async #run<Row>(query: QueryConfig): Promise<PgResult<Row & object>> {
    try {
      return await within(this.#options.timeoutMs, this.#client.query<Row & object>(query));
    } catch (error) {
      this.#isBroken ||= !isUsableAfter(error);
      throw error;
    }
  }
}

/** Names of prepared statements, the same on every connection of a pool. A forgotten statement gets another name. */
export class StatementNames {
  readonly #names = new Map<string, string>();
  #count = 0;

  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= maxNamed) return known;
    this.#count += 1;
    const name = `orgtokens_${this.#count}`;
    this.#names.set(text, name);
    return name;
  }

  forget(): void {
    this.#names.clear();
  }
}

function ours(connection: DatabaseConnection): PostgresConnection {
  if (!(connection instanceof PostgresConnection)) throw new TypeError("The connection is another driver's.");
  return connection;
}

/** A refused statement leaves its connection usable; a lost answer, an end by the server or a lost primary does not. */
function isUsableAfter(error: unknown): boolean {
  return error instanceof DatabaseError && error.severity === "ERROR" && error.code !== readOnly;
}

function codeOf(error: unknown): string {
  return error instanceof DatabaseError ? (error.code ?? "") : "";
}
