import type { Database, DatabaseConnections } from "../domain/stores.ts";
import type { VerificationObserver } from "../domain/token-verifier.ts";
import { Counter, createGauge, Histogram, type Instrument } from "./instruments.ts";
import { createProcessInstruments } from "./process-instruments.ts";

/** What the server counts and measures. */
export type ServerMetrics = {
  /** Told of each verification of a token. */
  readonly observeVerification: VerificationObserver;
  /** Told of each answered request. `operationId` is undefined for what is no operation. */
  observeRequest(operationId: string | undefined, status: number, durationMs: number): void;
  /** Everything in Prometheus' text format. */
  render(): Promise<string>;
};

/** What the metrics are taken of. */
export type MetricsSources = {
  readonly database: Database;
  /** A clock that only goes forward, in milliseconds. */
  readonly elapsedMs: () => number;
};

/** Seconds. A verification is a look-up in an index, a request a transaction at most. */
const verificationBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const requestBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/**
 * Creates the server's metrics. How many series there are is bounded by the contract: labels are operations, statuses
 * and outcomes, and never anything that a request brings with it.
 */
export function createServerMetrics({ database, elapsedMs }: MetricsSources): ServerMetrics {
  const verifications = new Counter({
    name: "orgtokens_verifications_total",
    help: "Presented tokens, by what they were worth; failed when the database could not tell.",
  });
  const verificationDuration = new Histogram(
    { name: "orgtokens_verification_duration_seconds", help: "How long it took to tell what a token is worth." },
    verificationBounds,
  );
  const requests = new Counter({
    name: "orgtokens_http_requests_total",
    help: "Answered requests, by operation of the contract and status; none is what is no operation.",
  });
  const requestDuration = new Histogram(
    { name: "orgtokens_http_request_duration_seconds", help: "How long requests took, by operation." },
    requestBounds,
  );
  const instruments: readonly Instrument[] = [
    verifications,
    verificationDuration,
    requests,
    requestDuration,
    ...createDatabaseInstruments(database),
    ...createProcessInstruments(),
  ];
  return {
    observeVerification() {
      const began = elapsedMs();
      return (outcome) => {
        verifications.add({ outcome });
        verificationDuration.observe((elapsedMs() - began) / 1000);
      };
    },
    observeRequest(operationId = "none", status, durationMs) {
      requests.add({ operation: operationId, status: String(status) });
      requestDuration.observe(durationMs / 1000, { operation: operationId });
    },
    async render() {
      return (await Promise.all(instruments.map((instrument) => instrument.render()))).join("");
    },
  };
}

function createDatabaseInstruments(database: Database): readonly Instrument[] {
  return [
    createGauge({ name: "orgtokens_database_up", help: "Whether the database answers: 1 or 0." }, async () => [
      {
        value: await database.ping().then(
          () => 1,
          () => 0,
        ),
      },
    ]),
    createGauge({ name: "orgtokens_mail", help: "Mail in the outbox, by status: queued is its depth." }, async () =>
      (await database.stores.mail.countMail()).map(({ status, count }) => ({ labels: { status }, value: count })),
    ),
    ...(database.connections === undefined ? [] : createPoolInstruments(database.connections)),
  ];
}

/** What tells whether requests wait because there are too few connections. */
function createPoolInstruments(connections: () => DatabaseConnections): readonly Instrument[] {
  return [
    createGauge(
      { name: "orgtokens_database_connections", help: "Open connections to the database, by whether they are used." },
      () => {
        const { open, idle } = connections();
        return [
          { labels: { state: "used" }, value: open - idle },
          { labels: { state: "idle" }, value: idle },
        ];
      },
    ),
    createGauge(
      { name: "orgtokens_database_connections_limit", help: "How many connections may be open at once." },
      () => [{ value: connections().limit }],
    ),
    createGauge(
      { name: "orgtokens_database_waiting", help: "How many requests or works wait for a connection." },
      () => [{ value: connections().waiting }],
    ),
  ];
}
