/** What the messages of all calls are made of. */
const attributePathStep = {
  attribute_name: [1, "string", "optional"],
  element_key_string: [2, "string", "optional"],
  element_key_int: [3, "int64", "optional"],
} as const;
export const attributePath = { steps: [1, attributePathStep, "repeated"] } as const;
const diagnostic = {
  severity: [1, "enum"],
  summary: [2, "string"],
  detail: [3, "string"],
  attribute: [4, attributePath],
} as const;
export const diagnostics = [diagnostic, "repeated"] as const;

export const dynamicValue = { msgpack: [1, "bytes"], json: [2, "bytes"] } as const;
export const rawState = { json: [1, "bytes"], flatmap: [2, "string", "map"] } as const;
/** The identity of a resource. */
export const identityData = { identity_data: [1, dynamicValue] } as const;
export const clientCapabilities = {
  deferral_allowed: [1, "bool"],
  write_only_attributes_allowed: [2, "bool"],
} as const;
export const serverCapabilities = {
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
export const schema = { version: [1, "int64"], block: [2, schemaBlock] } as const;
export const deferred = { reason: [1, "enum"] } as const;

/** The messages themselves, by their full names without the package. */
export const valueMessages = {
  AttributePath: attributePath,
  "AttributePath.Step": attributePathStep,
  ClientCapabilities: clientCapabilities,
  Diagnostic: diagnostic,
  DynamicValue: dynamicValue,
  RawState: rawState,
  ResourceIdentityData: identityData,
  Schema: schema,
  "Schema.Attribute": schemaAttribute,
  "Schema.Block": schemaBlock,
  "Schema.Object": schemaObject,
  ServerCapabilities: serverCapabilities,
  Deferred: deferred,
} as const;
