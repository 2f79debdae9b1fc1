import { applyResource } from "./apply-resource.ts";
import { ProviderConfiguration } from "./configuration.ts";
import { DiagnosticCollector } from "./diagnostic-collector.ts";
import { cleanLog, type Log, silentLog, withFields } from "./log.ts";
import { planResource } from "./plan-resource.ts";
import type { Provider } from "./provider.ts";
import type { ProviderServer, WithDiagnostics } from "./provider-server.ts";
import { importResource, readResource } from "./read-resource.ts";
import { attempt, type ResourceCall, receive } from "./resource-call.ts";
import type { Schema } from "./schema.ts";
import { splitTimeouts } from "./timeouts.ts";
import { upgradeState } from "./upgrade-state.ts";
import { validateConfig } from "./validate-config.ts";
import type { Value } from "./value.ts";
import { wireSchema } from "./wire-schema.ts";

export interface ProviderServerOptions {
  /** What handlers log through; without it they log nothing. Secrets are taken out before it is called. */
  readonly log?: Log;
}

/**
 * Serves a provider: runs the life cycle of its resources behind the calls of the plugin protocol. Holds one configuration, as a
 * provider process does; calls may run at the same time.
 */
export function createProviderServer<Client>(
  provider: Provider<Client>,
  { log = silentLog }: ProviderServerOptions = {},
): ProviderServer {
  const configuration = new ProviderConfiguration(provider);
  const stopping = new AbortController();
  const { explainError } = provider;

  /** Runs one call: with its signal and collector, and never throwing. */
  const answer = async <T extends object>(
    signal: AbortSignal,
    failed: T,
    action: string,
    run: (call: Omit<ResourceCall<Client>, "resource">) => T | Promise<T>,
  ): Promise<T & WithDiagnostics> => {
    const diagnostics = new DiagnosticCollector(configuration.secrets);
    const call = {
      configuration,
      diagnostics,
      explainError,
      log: cleanLog(log, diagnostics.clean),
      signal: AbortSignal.any([signal, stopping.signal]),
    };
    const done = await attempt(call, action, () => run(call));
    return { ...(done === undefined ? failed : done.result), diagnostics: diagnostics.list() };
  };

  /** Runs one call about a resource type. */
  const answerFor = <T extends object>(
    typeName: string,
    signal: AbortSignal,
    failed: T,
    run: (call: ResourceCall<Client>) => T | Promise<T>,
  ): Promise<T & WithDiagnostics> =>
    answer(signal, failed, `handle ${typeName}`, (call) => {
      const resource = provider.resources.get(typeName);
      const log = withFields(call.log, { tf_resource_type: typeName });
      if (resource !== undefined) return run({ ...call, resource, log });
      call.diagnostics.error("Unknown resource type", `This version of the provider has no ${typeName}.`);
      return failed;
    });

  return {
    getProviderSchema: (signal) => {
      const resources = Object.fromEntries(
        [...provider.resources].map(([name, { schema }]) => [name, wireSchema(schema)]),
      );
      const schemas = { provider: wireSchema(provider.schema), resources };
      const serverCapabilities = { planDestroy: true, getProviderSchemaOptional: true, moveResourceState: false };
      return answer(signal, { ...schemas, serverCapabilities }, "describe the provider", () => ({
        ...schemas,
        serverCapabilities,
      }));
    },
    validateProviderConfig: (request, signal) =>
      answer(signal, {}, "check the provider block", (call) => {
        validate(provider.schema, request.config, true, provider.validate, call.diagnostics);
        return {};
      }),
    configureProvider: (request, signal) =>
      answer(signal, {}, "configure the provider", async ({ diagnostics, ...call }) => {
        const config = receive(provider.schema, request.config, diagnostics);
        if (config === undefined) return {};
        await configuration.configure({ config, terraformVersion: request.terraformVersion, ...call }, diagnostics);
        return {};
      }),
    validateResourceConfig: (request, signal) =>
      answerFor(request.typeName, signal, {}, ({ resource, diagnostics }) => {
        const { writeOnlyAttributesAllowed } = request.clientCapabilities;
        const custom = ({ config }: { config: Value }) =>
          resource.validate?.({ config: splitTimeouts(resource, config).own, diagnostics });
        validate(resource.schema, request.config, writeOnlyAttributesAllowed, custom, diagnostics);
        return {};
      }),
    upgradeResourceState: (request, signal) =>
      answerFor(request.typeName, signal, { upgradedState: null }, (call) => upgradeState(call, request)),
    readResource: (request, signal) => {
      const failed = { newState: request.currentState, private: request.private };
      return answerFor(request.typeName, signal, failed, (call) => readResource(call, request));
    },
    planResourceChange: (request, signal) => {
      const { priorState, priorPrivate } = request;
      const failed = { plannedState: priorState, requiresReplace: [], plannedPrivate: priorPrivate };
      return answerFor(request.typeName, signal, failed, (call) => planResource(call, request));
    },
    applyResourceChange: (request, signal) => {
      const failed = { newState: request.priorState, private: request.plannedPrivate };
      return answerFor(request.typeName, signal, failed, (call) => applyResource(call, request));
    },
    importResourceState: (request, signal) =>
      answerFor(request.typeName, signal, { importedResources: [] }, (call) => importResource(call, request)),
    stop: async () => stopping.abort(new DOMException("Terraform asked the provider to stop.", "AbortError")),
    close: () => configuration.close(),
  };
}

type CustomValidation = ((request: { config: Value; diagnostics: DiagnosticCollector }) => void) | undefined;

/** The schema's checks first; the provider's own only on a configuration that passed them. */
function validate(
  schema: Schema,
  raw: Value,
  writeOnlyAllowed: boolean,
  custom: CustomValidation,
  diagnostics: DiagnosticCollector,
): void {
  const config = receive(schema, raw, diagnostics);
  if (config === undefined) return;
  validateConfig(schema, config, { diagnostics, writeOnlyAllowed });
  if (!diagnostics.hasErrors) custom?.({ config, diagnostics });
}
