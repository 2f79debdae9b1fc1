/** The calls about the provider itself. */
import { actionSchema } from "./actions.ts";
import { functionDefinition } from "./functions.ts";
import { clientCapabilities, diagnostics, dynamicValue, schema, serverCapabilities } from "./values.ts";

const functionMetadata = { name: [1, "string"] } as const;
const dataSourceMetadata = { type_name: [1, "string"] } as const;
const resourceMetadata = { type_name: [1, "string"] } as const;
const ephemeralResourceMetadata = { type_name: [1, "string"] } as const;
const listResourceMetadata = { type_name: [1, "string"] } as const;
const actionMetadata = { type_name: [1, "string"] } as const;

export const providerMessages = {
  "GetMetadata.FunctionMetadata": functionMetadata,
  "GetMetadata.DataSourceMetadata": dataSourceMetadata,
  "GetMetadata.ResourceMetadata": resourceMetadata,
  "GetMetadata.EphemeralResourceMetadata": ephemeralResourceMetadata,
  "GetMetadata.ListResourceMetadata": listResourceMetadata,
  "GetMetadata.ActionMetadata": actionMetadata,
  "GetMetadata.Request": {},
  "GetMetadata.Response": {
    server_capabilities: [1, serverCapabilities],
    diagnostics: [2, ...diagnostics],
    data_sources: [3, dataSourceMetadata, "repeated"],
    resources: [4, resourceMetadata, "repeated"],
    functions: [5, functionMetadata, "repeated"],
    ephemeral_resources: [6, ephemeralResourceMetadata, "repeated"],
    list_resources: [7, listResourceMetadata, "repeated"],
    actions: [9, actionMetadata, "repeated"],
  },
  "GetProviderSchema.Request": {},
  "GetProviderSchema.Response": {
    provider: [1, schema],
    resource_schemas: [2, schema, "map"],
    data_source_schemas: [3, schema, "map"],
    diagnostics: [4, ...diagnostics],
    provider_meta: [5, schema],
    server_capabilities: [6, serverCapabilities],
    functions: [7, functionDefinition, "map"],
    ephemeral_resource_schemas: [8, schema, "map"],
    list_resource_schemas: [9, schema, "map"],
    action_schemas: [11, actionSchema, "map"],
  },
  "ValidateProviderConfig.Request": { config: [1, dynamicValue] },
  "ValidateProviderConfig.Response": { diagnostics: [2, ...diagnostics] },
  "ConfigureProvider.Request": {
    terraform_version: [1, "string"],
    config: [2, dynamicValue],
    client_capabilities: [3, clientCapabilities],
  },
  "ConfigureProvider.Response": { diagnostics: [1, ...diagnostics] },
  "StopProvider.Request": {},
  "StopProvider.Response": { Error: [1, "string"] },
} as const;
