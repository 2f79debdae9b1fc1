import type { ProviderServer, ServerCapabilities, WireSchemas } from "../../framework/provider/provider-server.ts";
import { decodeDynamicValue } from "../dynamic-value.ts";
import type { Input } from "../protobuf.ts";
import { diagnosticMessage, schemaMessage } from "../schema-messages.ts";
import { clientCapabilities } from "./client-capabilities.ts";
import type { DefineMethod, NamedMethod, Tables } from "./define-method.ts";
import { functionMessages } from "./function-methods.ts";

/** The calls about the provider itself. */
export function providerMethods(server: ProviderServer, method: DefineMethod): readonly NamedMethod[] {
  return [
    method("GetMetadata", async (_, signal) => {
      const metadata = await server.getMetadata(signal);
      const typeNames = (names: readonly string[]) => names.map((type_name) => ({ type_name }));
      return {
        server_capabilities: serverCapabilities(metadata.serverCapabilities),
        diagnostics: metadata.diagnostics.map(diagnosticMessage),
        data_sources: typeNames(metadata.dataSources),
        resources: typeNames(metadata.resources),
        functions: metadata.functions.map((name) => ({ name })),
        ephemeral_resources: typeNames(metadata.ephemeralResources),
        list_resources: typeNames(metadata.listResources),
        actions: typeNames(metadata.actions),
      };
    }),
    method("GetProviderSchema", async (_, signal) => {
      const response = await server.getProviderSchema(signal);
      return {
        provider: schemaMessage(response.provider),
        resource_schemas: schemaMessages(response.resources),
        data_source_schemas: schemaMessages(response.dataSources),
        ephemeral_resource_schemas: schemaMessages(response.ephemeralResources),
        functions: functionMessages(response.functions),
        list_resource_schemas: schemaMessages(response.listResources),
        action_schemas: actionSchemaMessages(response.actions),
        server_capabilities: serverCapabilities(response.serverCapabilities),
        diagnostics: response.diagnostics.map(diagnosticMessage),
      };
    }),
    method("ValidateProviderConfig", async (request, signal) => {
      const { diagnostics } = await server.validateProviderConfig(
        { config: decodeDynamicValue(request.config) },
        signal,
      );
      return { diagnostics: diagnostics.map(diagnosticMessage) };
    }),
    method("ConfigureProvider", async (request, signal) => {
      const { diagnostics } = await server.configureProvider(
        {
          terraformVersion: request.terraform_version,
          config: decodeDynamicValue(request.config),
          clientCapabilities: clientCapabilities(request),
        },
        signal,
      );
      return { diagnostics: diagnostics.map(diagnosticMessage) };
    }),
    method("StopProvider", async () => {
      await server.stop();
      return {};
    }),
  ];
}

function serverCapabilities(capabilities: ServerCapabilities): Input<Tables["ServerCapabilities"]> {
  return {
    plan_destroy: capabilities.planDestroy,
    get_provider_schema_optional: capabilities.getProviderSchemaOptional,
    move_resource_state: capabilities.moveResourceState,
    generate_resource_config: capabilities.generateResourceConfig,
  };
}

function schemaMessages(schemas: WireSchemas): ReadonlyMap<string, Input<Tables["Schema"]>> {
  return new Map(Object.entries(schemas).map(([name, schema]) => [name, schemaMessage(schema)]));
}

function actionSchemaMessages(schemas: WireSchemas): ReadonlyMap<string, Input<Tables["ActionSchema"]>> {
  return new Map(Object.entries(schemas).map(([name, schema]) => [name, { schema: schemaMessage(schema) }]));
}
