import { DiagnosticCollector } from "../diagnostics/diagnostic-collector.ts";
import { cleanLog, type Log, withFields } from "../diagnostics/log.ts";
import type { Schema } from "../schema/schema.ts";
import { validateConfig } from "../schema/validate-config.ts";
import type { Value } from "../values/value.ts";
import { attempt, type Call, receive } from "./call.ts";
import type { ProviderConfiguration } from "./configuration.ts";
import type { Provider } from "./provider.ts";
import type { WithDiagnostics } from "./provider-server.ts";

/** Runs the calls of one provider: each with its signals and its diagnostics, and never throwing. */
export class CallRunner<Client> {
  readonly #provider: Provider<Client>;
  readonly #configuration: ProviderConfiguration<Client>;
  readonly #log: Log;
  readonly #stopping = new AbortController();

  constructor(provider: Provider<Client>, configuration: ProviderConfiguration<Client>, log: Log) {
    this.#provider = provider;
    this.#configuration = configuration;
    this.#log = log;
  }

  /** What the steps of one call share. `typeName` is named in each line of its log. */
  begin(signal: AbortSignal, typeName?: string): Call<Client> {
    const diagnostics = new DiagnosticCollector(this.#configuration.secrets);
    const log = cleanLog(this.#log, diagnostics.clean);
    return {
      configuration: this.#configuration,
      diagnostics,
      explainError: this.#provider.explainError,
      log: typeName === undefined ? log : withFields(log, { tf_resource_type: typeName }),
      signal: AbortSignal.any([signal, this.#stopping.signal]),
      lastingSignal: signal,
    };
  }

  /** Runs one call; `failed` is the answer when it throws. `action` ends the sentence "Could not ...". */
  answer<T extends object>(
    signal: AbortSignal,
    failed: T,
    action: string,
    run: (call: Call<Client>) => T | Promise<T>,
  ): Promise<T & WithDiagnostics> {
    return finish(this.begin(signal), failed, action, run);
  }

  /** Runs one call about one of the definitions of a kind, such as `resource type`. */
  answerFor<D, T extends object>(
    kind: string,
    definitions: ReadonlyMap<string, D>,
    typeName: string,
    { signal, failed }: { readonly signal: AbortSignal; readonly failed: T },
    run: (call: Call<Client> & { readonly definition: D }) => T | Promise<T>,
  ): Promise<T & WithDiagnostics> {
    return finish(this.begin(signal, typeName), failed, `handle ${typeName}`, (call) => {
      const definition = find(kind, definitions, typeName, call);
      return definition === undefined ? failed : run({ ...call, definition });
    });
  }

  /** Aborts the signals of all calls, also of those to come. */
  stop(): void {
    this.#stopping.abort(new DOMException("Terraform asked the provider to stop.", "AbortError"));
  }
}

async function finish<Client, T extends object>(
  call: Call<Client>,
  failed: T,
  action: string,
  run: (call: Call<Client>) => T | Promise<T>,
): Promise<T & WithDiagnostics> {
  const done = await attempt(call, action, () => run(call));
  return { ...(done === undefined ? failed : done.result), diagnostics: call.diagnostics.list() };
}

/** The definition of a name; undefined, with an error diagnostic, when there is none. */
export function find<D>(
  kind: string,
  definitions: ReadonlyMap<string, D>,
  typeName: string,
  { diagnostics }: Pick<Call<never>, "diagnostics">,
): D | undefined {
  const definition = definitions.get(typeName);
  if (definition === undefined) {
    diagnostics.error(`Unknown ${kind}`, `This version of the provider has no ${typeName}.`);
  }
  return definition;
}

/** What has a configuration to check. */
export interface Validated {
  readonly schema: Schema;
  readonly validate: ((request: { config: Value; diagnostics: DiagnosticCollector }) => void) | undefined;
}

/** The schema's checks first; the definition's own only on a configuration that passed them. */
export function validate(
  { schema, validate: custom }: Validated,
  raw: Value,
  writeOnlyAllowed: boolean,
  diagnostics: DiagnosticCollector,
): void {
  const config = receive(schema, raw, diagnostics);
  if (config === undefined) return;
  validateConfig(schema, config, { diagnostics, writeOnlyAllowed });
  if (!diagnostics.hasErrors) custom?.({ config, diagnostics });
}
