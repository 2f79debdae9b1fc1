import type { DiagnosticCollector } from "../diagnostics/diagnostic-collector.ts";
import type { Log } from "../diagnostics/log.ts";
import type { Resource } from "../resource/resource.ts";
import { secretsIn } from "../schema/attribute-values.ts";
import type { Schema } from "../schema/schema.ts";
import { type SplitValue, splitTimeouts } from "../schema/timeouts.ts";
import { formatPath } from "../values/attribute-path.ts";
import { conform } from "../values/conform.ts";
import type { Value } from "../values/value.ts";
import type { ProviderConfiguration } from "./configuration.ts";
import { explainError } from "./explain-error.ts";
import type { ErrorExplanation } from "./provider.ts";

/** One call of the protocol: what its steps share. */
export interface Call<Client> {
  readonly configuration: ProviderConfiguration<Client>;
  readonly diagnostics: DiagnosticCollector;
  readonly log: Log;
  /** Aborted when the call is cancelled or Terraform asks the provider to stop. */
  readonly signal: AbortSignal;
  /** Aborted when the call is cancelled; a stop leaves it alone. For cleaning up. */
  readonly lastingSignal: AbortSignal;
  readonly explainError: ((error: unknown) => ErrorExplanation | undefined) | undefined;
}

/** One call of the protocol about one resource type. */
export interface ResourceCall<Client> extends Call<Client> {
  readonly resource: Resource<Client>;
}

/** Conforms a value from the wire and withholds the secrets in it. Undefined, with diagnostics, when it does not fit the schema. */
export function receive(schema: Schema, raw: Value, diagnostics: DiagnosticCollector): Value | undefined {
  const { value, mismatches } = conform(schema.type, raw, "wire");
  for (const { path, message } of mismatches) {
    diagnostics.error(`Invalid value for ${formatPath(path) || "the block"}`, message, path);
  }
  for (const secret of secretsIn(schema.attributes, value)) diagnostics.redact(secret);
  return mismatches.length === 0 ? value : undefined;
}

/** {@link receive} for a value of the call's resource type: without its time-outs, which are returned beside it. */
export function receiveFor<Client>(call: ResourceCall<Client>, raw: Value): SplitValue | undefined {
  const value = receive(call.resource.schema, raw, call.diagnostics);
  return value === undefined ? undefined : splitTimeouts(call.resource, value);
}

/**
 * Runs provider code: what it throws becomes a diagnostic. `action` ends the sentence "Could not ...".
 *
 * @returns what `run` returned, or undefined when it threw.
 */
export async function attempt<T>(
  call: Pick<Call<never>, "diagnostics" | "signal" | "explainError">,
  action: string,
  run: () => T | Promise<T>,
): Promise<{ readonly result: T } | undefined> {
  try {
    return { result: await run() };
  } catch (error) {
    call.diagnostics.add(explainError(error, { action, signal: call.signal, explainError: call.explainError }));
    return undefined;
  }
}
