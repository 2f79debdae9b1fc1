/**
 * The messages of `proto/*.proto` that are in use, as tables for `protobuf.ts`. A test holds every line against the `.proto`
 * files. Names are the proto's own.
 */
import { actionMessages } from "./messages/actions.ts";
import { dataSourceMessages } from "./messages/data-sources.ts";
import { ephemeralResourceMessages } from "./messages/ephemeral-resources.ts";
import { functionMessages } from "./messages/functions.ts";
import { identityMessages } from "./messages/identities.ts";
import { listResourceMessages } from "./messages/list-resources.ts";
import { providerMessages } from "./messages/provider.ts";
import { resourceMessages } from "./messages/resources.ts";
import { valueMessages } from "./messages/values.ts";

/** The messages of `tfplugin6.proto`, by their full names without the package. */
export const tfplugin6 = {
  ...valueMessages,
  ...providerMessages,
  ...resourceMessages,
  ...identityMessages,
  ...dataSourceMessages,
  ...ephemeralResourceMessages,
  ...functionMessages,
  ...listResourceMessages,
  ...actionMessages,
} as const;

/** The numbers of the enums of `tfplugin6.proto` in use. */
export const tfplugin6Enums = {
  "Diagnostic.Severity": { ERROR: 1, WARNING: 2 },
  StringKind: { PLAIN: 0, MARKDOWN: 1 },
  "Schema.Object.NestingMode": { SINGLE: 1, LIST: 2, SET: 3, MAP: 4 },
  "Deferred.Reason": { RESOURCE_CONFIG_UNKNOWN: 1, PROVIDER_CONFIG_UNKNOWN: 2 },
} as const;

/** `grpc.health.v1`: request and response of Check. @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export const healthCheck = {
  request: { service: [1, "string"] },
  response: { status: [1, "enum"] },
  /** ServingStatus.SERVING */
  serving: 1,
} as const;
