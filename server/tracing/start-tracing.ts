import type { Database } from "../domain/stores.ts";
import { OtlpExporter, type OtlpOptions } from "./otlp-exporter.ts";
import { traceDatabase } from "./trace-database.ts";
import { Tracer, type TracerOptions } from "./tracer.ts";

/** Tracing that runs until it is closed. */
export type Tracing = {
  readonly tracer: Tracer;
  traceDatabase(database: Database): Database;
  /** Sends what is left. */
  close(): Promise<void>;
};

/** Starts tracing. This module is loaded only where it is configured. */
export function startTracing(options: Omit<OtlpOptions, "serviceVersion"> & Omit<TracerOptions, "onEnd">): Tracing {
  const exporter = new OtlpExporter({ ...options, serviceVersion: "0.1.0" });
  const tracer = new Tracer({ ...options, onEnd: (span) => exporter.add(span) });
  return {
    tracer,
    traceDatabase: (database) => traceDatabase(database, tracer),
    close: () => exporter.close(),
  };
}
