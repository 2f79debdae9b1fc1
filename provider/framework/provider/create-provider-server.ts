import { serveActions } from "../action/serve-actions.ts";
import { serveDataSources } from "../data-source/serve-data-sources.ts";
import { type Log, silentLog } from "../diagnostics/log.ts";
import { serveEphemeralResources } from "../ephemeral-resource/serve-ephemeral-resources.ts";
import { serveFunctions, wireFunctions } from "../function/serve-functions.ts";
import { serveListResources } from "../list-resource/serve-list-resources.ts";
import { serveResources } from "../resource/serve-resources.ts";
import type { Schema } from "../schema/schema.ts";
import { receive } from "./call.ts";
import { CallRunner, validate } from "./call-runner.ts";
import { ProviderConfiguration } from "./configuration.ts";
import type { Provider } from "./provider.ts";
import type { ProviderServer, ServerCapabilities, WireSchemas } from "./provider-server.ts";
import { wireSchema } from "./wire-schema.ts";

const serverCapabilities: ServerCapabilities = {
  planDestroy: true,
  getProviderSchemaOptional: true,
  moveResourceState: true,
  generateResourceConfig: true,
};

export interface ProviderServerOptions {
  /** What handlers log through; without it they log nothing. Secrets are taken out before it is called. */
  readonly log?: Log;
}

/**
 * Serves a provider: runs the life cycle of what it defines behind the calls of the plugin protocol. Holds one configuration, as a
 * provider process does; calls may run at the same time.
 */
export function createProviderServer<Client>(
  provider: Provider<Client>,
  { log = silentLog }: ProviderServerOptions = {},
): ProviderServer {
  const configuration = new ProviderConfiguration(provider);
  const calls = new CallRunner(provider, configuration, log);
  const { resources, dataSources, ephemeralResources, functions, listResources, actions } = provider;
  const ephemeral = serveEphemeralResources(ephemeralResources, calls);
  return {
    ...serveResources(resources, calls),
    ...serveDataSources(dataSources, calls),
    ...ephemeral.server,
    ...serveFunctions(functions),
    ...serveListResources(listResources, resources, calls),
    ...serveActions(actions, calls),
    getMetadata: async () => ({
      resources: [...resources.keys()],
      dataSources: [...dataSources.keys()],
      ephemeralResources: [...ephemeralResources.keys()],
      functions: [...functions.keys()],
      listResources: [...listResources.keys()],
      actions: [...actions.keys()],
      serverCapabilities,
      diagnostics: [],
    }),
    getProviderSchema: async () => ({
      provider: wireSchema(provider.schema),
      resources: wireSchemas(resources),
      dataSources: wireSchemas(dataSources),
      ephemeralResources: wireSchemas(ephemeralResources),
      functions: wireFunctions(functions),
      listResources: wireSchemas(listResources),
      actions: wireSchemas(actions),
      serverCapabilities,
      diagnostics: [],
    }),
    validateProviderConfig: (request, signal) =>
      calls.answer(signal, {}, "check the provider block", ({ diagnostics }) => {
        validate(provider, request.config, true, diagnostics);
        return {};
      }),
    configureProvider: (request, signal) =>
      calls.answer(signal, {}, "configure the provider", async ({ diagnostics, ...call }) => {
        const config = receive(provider.schema, request.config, diagnostics);
        if (config === undefined) return {};
        await configuration.configure({ config, terraformVersion: request.terraformVersion, ...call }, diagnostics);
        return {};
      }),
    stop: async () => calls.stop(),
    close: async () => {
      await ephemeral.closeRemaining();
      await configuration.close();
    },
  };
}

function wireSchemas(definitions: ReadonlyMap<string, { readonly schema: Schema }>): WireSchemas {
  return Object.fromEntries([...definitions].map(([typeName, { schema }]) => [typeName, wireSchema(schema)]));
}
