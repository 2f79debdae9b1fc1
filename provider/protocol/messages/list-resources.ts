/** The calls about list resources. */
import { diagnostics, dynamicValue, identityData } from "./values.ts";

export const listResourceMessages = {
  "ListResource.Request": {
    type_name: [1, "string"],
    config: [2, dynamicValue],
    include_resource_object: [3, "bool"],
    limit: [4, "int64"],
  },
  "ListResource.Event": {
    identity: [1, identityData],
    display_name: [2, "string"],
    resource_object: [3, dynamicValue, "optional"],
    diagnostic: [4, ...diagnostics],
  },
  "ValidateListResourceConfig.Request": {
    type_name: [1, "string"],
    config: [2, dynamicValue],
    include_resource_object: [3, dynamicValue],
    limit: [4, dynamicValue],
  },
  "ValidateListResourceConfig.Response": { diagnostics: [1, ...diagnostics] },
} as const;
