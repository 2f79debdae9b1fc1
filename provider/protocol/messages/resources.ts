/** The calls about managed resources. */
import { attributePath, clientCapabilities, diagnostics, dynamicValue, rawState } from "./values.ts";

const importedResource = { type_name: [1, "string"], state: [2, dynamicValue], private: [3, "bytes"] } as const;

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
} as const;
