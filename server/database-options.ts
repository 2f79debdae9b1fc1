/** The options about the database, as `yargs` takes them. They are the same for every command. */
export const databaseOptions = {
  database: {
    type: "string",
    describe: "Path of the SQLite file, or postgres://user@host/database [ORGTOKENS_DATABASE]",
  },
  "database-pool-size": {
    type: "string",
    describe: "Connections to PostgreSQL at most, 10 by default [ORGTOKENS_DATABASE_POOL_SIZE]",
  },
  "database-connect-timeout-ms": {
    type: "string",
    describe: "Longest wait for a connection, 3000 by default [ORGTOKENS_DATABASE_CONNECT_TIMEOUT_MS]",
  },
  "database-statement-timeout-ms": {
    type: "string",
    describe: "PostgreSQL's statement_timeout, 5000 by default [ORGTOKENS_DATABASE_STATEMENT_TIMEOUT_MS]",
  },
  "database-lock-timeout-ms": {
    type: "string",
    describe: "PostgreSQL's lock_timeout, 3000 by default [ORGTOKENS_DATABASE_LOCK_TIMEOUT_MS]",
  },
  "database-idle-transaction-timeout-ms": {
    type: "string",
    describe:
      "PostgreSQL's idle_in_transaction_session_timeout, 10000 by default [ORGTOKENS_DATABASE_IDLE_TRANSACTION_TIMEOUT_MS]",
  },
  "database-keepalive-ms": {
    type: "string",
    describe: "Silence before TCP probes a connection, 10000 by default [ORGTOKENS_DATABASE_KEEPALIVE_MS]",
  },
  "database-connection-lifetime-seconds": {
    type: "string",
    describe: "Age at which a connection is replaced, 1800 by default [ORGTOKENS_DATABASE_CONNECTION_LIFETIME_SECONDS]",
  },
  "database-application-name": {
    type: "string",
    describe: "PostgreSQL's application_name, orgtokens by default [ORGTOKENS_DATABASE_APPLICATION_NAME]",
  },
  "database-named-statements": {
    type: "boolean",
    describe: "Prepare statements once per connection, true by default [ORGTOKENS_DATABASE_NAMED_STATEMENTS]",
  },
} as const;
