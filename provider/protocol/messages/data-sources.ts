/** The calls about data sources. */
import { clientCapabilities, deferred, diagnostics, dynamicValue } from "./values.ts";

export const dataSourceMessages = {
  "ValidateDataResourceConfig.Request": { type_name: [1, "string"], config: [2, dynamicValue] },
  "ValidateDataResourceConfig.Response": { diagnostics: [1, ...diagnostics] },
  "ReadDataSource.Request": {
    type_name: [1, "string"],
    config: [2, dynamicValue],
    provider_meta: [3, dynamicValue],
    client_capabilities: [4, clientCapabilities],
  },
  "ReadDataSource.Response": { state: [1, dynamicValue], diagnostics: [2, ...diagnostics], deferred: [3, deferred] },
} as const;
