/** The calls about managed resources. */
import { attributePath, clientCapabilities, diagnostics, dynamicValue, identityData, rawState } from "./values.ts";

const importedResource = {
  type_name: [1, "string"],
  state: [2, dynamicValue],
  private: [3, "bytes"],
  identity: [4, identityData],
} as const;

export const resourceMessages = {
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
    current_identity: [6, identityData],
  },
  "ReadResource.Response": {
    new_state: [1, dynamicValue],
    diagnostics: [2, ...diagnostics],
    private: [3, "bytes"],
    new_identity: [5, identityData],
  },
  "PlanResourceChange.Request": {
    type_name: [1, "string"],
    prior_state: [2, dynamicValue],
    proposed_new_state: [3, dynamicValue],
    config: [4, dynamicValue],
    prior_private: [5, "bytes"],
    provider_meta: [6, dynamicValue],
    client_capabilities: [7, clientCapabilities],
    prior_identity: [8, identityData],
  },
  "PlanResourceChange.Response": {
    planned_state: [1, dynamicValue],
    requires_replace: [2, attributePath, "repeated"],
    planned_private: [3, "bytes"],
    diagnostics: [4, ...diagnostics],
    legacy_type_system: [5, "bool"],
    planned_identity: [7, identityData],
  },
  "ApplyResourceChange.Request": {
    type_name: [1, "string"],
    prior_state: [2, dynamicValue],
    planned_state: [3, dynamicValue],
    config: [4, dynamicValue],
    planned_private: [5, "bytes"],
    provider_meta: [6, dynamicValue],
    planned_identity: [7, identityData],
  },
  "ApplyResourceChange.Response": {
    new_state: [1, dynamicValue],
    private: [2, "bytes"],
    diagnostics: [3, ...diagnostics],
    legacy_type_system: [4, "bool"],
    new_identity: [5, identityData],
  },
  "ImportResourceState.Request": {
    type_name: [1, "string"],
    id: [2, "string"],
    client_capabilities: [3, clientCapabilities],
    identity: [4, identityData],
  },
  "ImportResourceState.ImportedResource": importedResource,
  "ImportResourceState.Response": {
    imported_resources: [1, importedResource, "repeated"],
    diagnostics: [2, ...diagnostics],
  },
  "MoveResourceState.Request": {
    source_provider_address: [1, "string"],
    source_type_name: [2, "string"],
    source_schema_version: [3, "int64"],
    source_state: [4, rawState],
    target_type_name: [5, "string"],
    source_private: [6, "bytes"],
    source_identity: [7, rawState],
    source_identity_schema_version: [8, "int64"],
  },
  "MoveResourceState.Response": {
    target_state: [1, dynamicValue],
    diagnostics: [2, ...diagnostics],
    target_private: [3, "bytes"],
    target_identity: [4, identityData],
  },
  "GenerateResourceConfig.Request": { type_name: [1, "string"], state: [2, dynamicValue] },
  "GenerateResourceConfig.Response": { config: [1, dynamicValue], diagnostics: [2, ...diagnostics] },
} as const;
