import { z } from "zod";
import { integerWithin, onOff } from "./setting-values.ts";

/** Settings of the connections to PostgreSQL; a SQLite file needs none. */
export type PostgresConfig = {
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly idleTransactionTimeoutMs: number;
  readonly keepaliveMs: number;
  readonly connectionLifetimeSeconds: number;
  readonly applicationName: string;
  readonly namedStatements: boolean;
};

/** Each setting's flag and environment variable. */
export const postgresFlags = {
  databasePoolSize: { flag: "--database-pool-size", variable: "ORGTOKENS_DATABASE_POOL_SIZE" },
  databaseConnectTimeoutMs: {
    flag: "--database-connect-timeout-ms",
    variable: "ORGTOKENS_DATABASE_CONNECT_TIMEOUT_MS",
  },
  databaseStatementTimeoutMs: {
    flag: "--database-statement-timeout-ms",
    variable: "ORGTOKENS_DATABASE_STATEMENT_TIMEOUT_MS",
  },
  databaseLockTimeoutMs: { flag: "--database-lock-timeout-ms", variable: "ORGTOKENS_DATABASE_LOCK_TIMEOUT_MS" },
  databaseIdleTransactionTimeoutMs: {
    flag: "--database-idle-transaction-timeout-ms",
    variable: "ORGTOKENS_DATABASE_IDLE_TRANSACTION_TIMEOUT_MS",
  },
  databaseKeepaliveMs: { flag: "--database-keepalive-ms", variable: "ORGTOKENS_DATABASE_KEEPALIVE_MS" },
  databaseConnectionLifetimeSeconds: {
    flag: "--database-connection-lifetime-seconds",
    variable: "ORGTOKENS_DATABASE_CONNECTION_LIFETIME_SECONDS",
  },
  databaseApplicationName: { flag: "--database-application-name", variable: "ORGTOKENS_DATABASE_APPLICATION_NAME" },
  databaseNamedStatements: { flag: "--database-named-statements", variable: "ORGTOKENS_DATABASE_NAMED_STATEMENTS" },
} as const;

/** What each setting may be, and its default. */
export const postgresShape = {
  databasePoolSize: integerWithin(1, 1000, 10),
  databaseConnectTimeoutMs: integerWithin(100, 60_000, 3000),
  databaseStatementTimeoutMs: integerWithin(100, 600_000, 5000),
  databaseLockTimeoutMs: integerWithin(100, 600_000, 3000),
  databaseIdleTransactionTimeoutMs: integerWithin(100, 600_000, 10_000),
  databaseKeepaliveMs: integerWithin(1000, 7_200_000, 10_000),
  databaseConnectionLifetimeSeconds: integerWithin(1, 86_400, 1800),
  databaseApplicationName: z
    .string()
    .regex(/^[\x21-\x7E]{1,63}$/, "must be 1 to 63 printable ASCII characters without spaces")
    .default("orgtokens"),
  databaseNamedStatements: onOff.default(true),
} as const;

type Parsed = z.infer<z.ZodObject<typeof postgresShape>>;

/** Gathers the settings of PostgreSQL among others. */
export function groupPostgres<All extends Parsed>(
  all: All,
): Omit<All, keyof Parsed> & { readonly postgres: PostgresConfig } {
  const {
    databasePoolSize: poolSize,
    databaseConnectTimeoutMs: connectTimeoutMs,
    databaseStatementTimeoutMs: statementTimeoutMs,
    databaseLockTimeoutMs: lockTimeoutMs,
    databaseIdleTransactionTimeoutMs: idleTransactionTimeoutMs,
    databaseKeepaliveMs: keepaliveMs,
    databaseConnectionLifetimeSeconds: connectionLifetimeSeconds,
    databaseApplicationName: applicationName,
    databaseNamedStatements: namedStatements,
    ...others
  } = all;
  const waits = { connectTimeoutMs, statementTimeoutMs, lockTimeoutMs, idleTransactionTimeoutMs };
  const connections = { poolSize, keepaliveMs, connectionLifetimeSeconds, applicationName, namedStatements };
  return { ...others, postgres: { ...waits, ...connections } };
}
