/**
 * The messages of `proto/*.proto` that are in use, as tables for `protobuf.ts`. A test holds every line against the `.proto`
 * files. Names are the proto's own.
 */

const attributePathStep = {
  attribute_name: [1, "string", "optional"],
  element_key_string: [2, "string", "optional"],
  element_key_int: [3, "int64", "optional"],
} as const;
const attributePath = { steps: [1, attributePathStep, "repeated"] } as const;
const diagnostic = {
  severity: [1, "enum"],
  summary: [2, "string"],
  detail: [3, "string"],
  attribute: [4, attributePath],
} as const;
const diagnostics = [diagnostic, "repeated"] as const;

const dynamicValue = { msgpack: [1, "bytes"], json: [2, "bytes"] } as const;
const rawState = { json: [1, "bytes"], flatmap: [2, "string", "map"] } as const;
const clientCapabilities = { deferral_allowed: [1, "bool"], write_only_attributes_allowed: [2, "bool"] } as const;
const serverCapabilities = {
  plan_destroy: [1, "bool"],
  get_provider_schema_optional: [2, "bool"],
  move_resource_state: [3, "bool"],
  generate_resource_config: [4, "bool"],
} as const;

type SchemaObjectFields = {
  readonly attributes: readonly [1, () => typeof schemaAttribute, "repeated"];
  readonly nesting: readonly [3, "enum"];
};
const schemaAttribute = {
  name: [1, "string"],
  type: [2, "bytes"],
  description: [3, "string"],
  required: [4, "bool"],
  optional: [5, "bool"],
  computed: [6, "bool"],
  sensitive: [7, "bool"],
  description_kind: [8, "enum"],
  deprecated: [9, "bool"],
  nested_type: [10, (): SchemaObjectFields => schemaObject],
  write_only: [11, "bool"],
  deprecation_message: [12, "string"],
} as const;
const schemaObject: SchemaObjectFields = {
  attributes: [1, () => schemaAttribute, "repeated"],
  nesting: [3, "enum"],
};
const schemaBlock = {
  version: [1, "int64"],
  attributes: [2, schemaAttribute, "repeated"],
  description: [4, "string"],
  description_kind: [5, "enum"],
  deprecated: [6, "bool"],
  deprecation_message: [7, "string"],
} as const;
const schema = { version: [1, "int64"], block: [2, schemaBlock] } as const;
const importedResource = { type_name: [1, "string"], state: [2, dynamicValue], private: [3, "bytes"] } as const;

/** The messages of `tfplugin6.proto`, by their full names without the package. */
export const tfplugin6 = {
  AttributePath: attributePath,
  "AttributePath.Step": attributePathStep,
  ClientCapabilities: clientCapabilities,
  Diagnostic: diagnostic,
  DynamicValue: dynamicValue,
  RawState: rawState,
  Schema: schema,
  "Schema.Attribute": schemaAttribute,
  "Schema.Block": schemaBlock,
  "Schema.Object": schemaObject,
  ServerCapabilities: serverCapabilities,

  "GetProviderSchema.Request": {},
  "GetProviderSchema.Response": {
    provider: [1, schema],
    resource_schemas: [2, schema, "map"],
    data_source_schemas: [3, schema, "map"],
    diagnostics: [4, ...diagnostics],
    provider_meta: [5, schema],
    server_capabilities: [6, serverCapabilities],
  },
  "ValidateProviderConfig.Request": { config: [1, dynamicValue] },
  "ValidateProviderConfig.Response": { diagnostics: [2, ...diagnostics] },
  "ConfigureProvider.Request": {
    terraform_version: [1, "string"],
    config: [2, dynamicValue],
    client_capabilities: [3, clientCapabilities],
  },
  "ConfigureProvider.Response": { diagnostics: [1, ...diagnostics] },
  "ValidateResourceConfig.Request": {
    type_name: [1, "string"],
    config: [2, dynamicValue],
    client_capabilities: [3, clientCapabilities],
  },
  "ValidateResourceConfig.Response": { diagnostics: [1, ...diagnostics] },
  "UpgradeResourceState.Request": { type_name: [1, "string"], version: [2, "int64"], raw_state: [3, rawState] },
  "UpgradeResourceState.Response": { upgraded_state: [1, dynamicValue], diagnostics: [2, ...diagnostics] },
  "ReadResource.Request": {
    type_name: [1, "string"],
    current_state: [2, dynamicValue],
    private: [3, "bytes"],
    provider_meta: [4, dynamicValue],
    client_capabilities: [5, clientCapabilities],
  },
  "ReadResource.Response": { new_state: [1, dynamicValue], diagnostics: [2, ...diagnostics], private: [3, "bytes"] },
  "PlanResourceChange.Request": {
    type_name: [1, "string"],
    prior_state: [2, dynamicValue],
    proposed_new_state: [3, dynamicValue],
    config: [4, dynamicValue],
    prior_private: [5, "bytes"],
    provider_meta: [6, dynamicValue],
    client_capabilities: [7, clientCapabilities],
  },
  "PlanResourceChange.Response": {
    planned_state: [1, dynamicValue],
    requires_replace: [2, attributePath, "repeated"],
    planned_private: [3, "bytes"],
    diagnostics: [4, ...diagnostics],
    legacy_type_system: [5, "bool"],
  },
  "ApplyResourceChange.Request": {
    type_name: [1, "string"],
    prior_state: [2, dynamicValue],
    planned_state: [3, dynamicValue],
    config: [4, dynamicValue],
    planned_private: [5, "bytes"],
    provider_meta: [6, dynamicValue],
  },
  "ApplyResourceChange.Response": {
    new_state: [1, dynamicValue],
    private: [2, "bytes"],
    diagnostics: [3, ...diagnostics],
    legacy_type_system: [4, "bool"],
  },
  "ImportResourceState.Request": {
    type_name: [1, "string"],
    id: [2, "string"],
    client_capabilities: [3, clientCapabilities],
  },
  "ImportResourceState.ImportedResource": importedResource,
  "ImportResourceState.Response": {
    imported_resources: [1, importedResource, "repeated"],
    diagnostics: [2, ...diagnostics],
  },
  "StopProvider.Request": {},
  "StopProvider.Response": { Error: [1, "string"] },
} as const;

/** The numbers of the enums of `tfplugin6.proto` in use. */
export const tfplugin6Enums = {
  "Diagnostic.Severity": { ERROR: 1, WARNING: 2 },
  StringKind: { PLAIN: 0, MARKDOWN: 1 },
  "Schema.Object.NestingMode": { SINGLE: 1, LIST: 2, SET: 3, MAP: 4 },
} as const;

/** `grpc.health.v1`: request and response of Check. @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export const healthCheck = {
  request: { service: [1, "string"] },
  response: { status: [1, "enum"] },
  /** ServingStatus.SERVING */
  serving: 1,
} as const;
