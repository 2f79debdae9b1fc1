/** The calls about ephemeral resources. */
import { clientCapabilities, deferred, diagnostics, dynamicValue } from "./values.ts";

/** `google.protobuf.Timestamp`, which protobuf itself defines. `nanos` is an int32, whose bytes are those of an int64. */
export const timestamp = { seconds: [1, "int64"], nanos: [2, "int64"] } as const;

export const ephemeralResourceMessages = {
  "ValidateEphemeralResourceConfig.Request": { type_name: [1, "string"], config: [2, dynamicValue] },
  "ValidateEphemeralResourceConfig.Response": { diagnostics: [1, ...diagnostics] },
  "OpenEphemeralResource.Request": {
    type_name: [1, "string"],
    config: [2, dynamicValue],
    client_capabilities: [3, clientCapabilities],
  },
  "OpenEphemeralResource.Response": {
    diagnostics: [1, ...diagnostics],
    renew_at: [2, timestamp, "optional"],
    result: [3, dynamicValue],
    private: [4, "bytes", "optional"],
    deferred: [5, deferred],
  },
  "RenewEphemeralResource.Request": { type_name: [1, "string"], private: [2, "bytes", "optional"] },
  "RenewEphemeralResource.Response": {
    diagnostics: [1, ...diagnostics],
    renew_at: [2, timestamp, "optional"],
    private: [3, "bytes", "optional"],
  },
  "CloseEphemeralResource.Request": { type_name: [1, "string"], private: [2, "bytes", "optional"] },
  "CloseEphemeralResource.Response": { diagnostics: [1, ...diagnostics] },
} as const;
