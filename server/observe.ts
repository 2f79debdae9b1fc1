import { once } from "node:events";
import type { StartConfig } from "./config.ts";
import type { Database } from "./domain/stores.ts";
import { listenUrl } from "./listen-url.ts";
import { createMetricsServer } from "./metrics/metrics-server.ts";
import { createServerMetrics, type ServerMetrics } from "./metrics/server-metrics.ts";
import type { Tracing } from "./tracing/start-tracing.ts";

/** A database that is watched as the settings want it, and what watches the server around it. */
export type Observed = {
  readonly database: Database;
  readonly metrics: ServerMetrics | undefined;
  readonly tracer: Tracing["tracer"] | undefined;
  /** Starts to answer `GET /metrics`, if it is to be answered: its address. */
  listen(): Promise<string | undefined>;
  /** Stops answering, and sends the traces that are left. */
  close(): Promise<void>;
};

/** What observing needs of the world. */
export type ObserveOptions = {
  readonly randomBytes: (size: number) => Uint8Array;
  /** Told when traces could not be sent. */
  readonly onError: (error: unknown) => void;
};

/** Watches a server by metrics and traces, each only where the settings want it. */
export async function observe(opened: Database, config: StartConfig, options: ObserveOptions): Promise<Observed> {
  const tracing = await openTracing(config, options);
  const database = tracing?.traceDatabase(opened) ?? opened;
  const { metricsPort, metricsHost } = config;
  const metrics =
    metricsPort === undefined
      ? undefined
      : createServerMetrics({ database: opened, elapsedMs: () => performance.now() });
  const server = metrics === undefined ? undefined : createMetricsServer(metrics);
  return {
    database,
    metrics,
    tracer: tracing?.tracer,
    async listen() {
      if (server === undefined) return undefined;
      await once(server.listen(metricsPort, metricsHost), "listening");
      return `${listenUrl(metricsHost, server.address())}/metrics`;
    },
    async close() {
      server?.close();
      await tracing?.close();
    },
  };
}

/** Loads what makes traces only where somebody wants them. */
async function openTracing(
  config: StartConfig,
  { randomBytes, onError }: ObserveOptions,
): Promise<Tracing | undefined> {
  const { otlpEndpoint, otlpHeaders, serviceName } = config;
  if (otlpEndpoint === undefined) return undefined;
  const { startTracing } = await import("./tracing/start-tracing.ts");
  return startTracing({
    endpoint: otlpEndpoint,
    headers: otlpHeaders,
    serviceName,
    fetch,
    randomBytes,
    nowMs: () => performance.timeOrigin + performance.now(),
    onError,
  });
}

/** The flags of these settings, for the command. */
export const observeFlags = {
  "metrics-port": {
    type: "string",
    describe: "Port to answer GET /metrics on, for Prometheus; off by default [ORGTOKENS_METRICS_PORT]",
  },
  "metrics-host": {
    type: "string",
    describe: "Address of that port, 127.0.0.1 by default; whoever reaches it may read [ORGTOKENS_METRICS_HOST]",
  },
  "otlp-endpoint": {
    type: "string",
    describe: "OpenTelemetry collector to send traces to by OTLP over HTTP [OTEL_EXPORTER_OTLP_ENDPOINT]",
  },
  "otlp-headers": {
    type: "string",
    describe: "Header fields for it: name=value,... Better given as the variable [OTEL_EXPORTER_OTLP_HEADERS]",
  },
  "service-name": {
    type: "string",
    describe: "Name of this server in traces, orgtokens-server by default [OTEL_SERVICE_NAME]",
  },
} as const;
