import { type CallRunner, validate } from "./call-runner.ts";
import type { EphemeralResource } from "./ephemeral-resource.ts";
import type { EphemeralResourceServer } from "./ephemeral-resource-server.ts";
import {
  closeEphemeralResource,
  notOpened,
  openEphemeralResource,
  renewEphemeralResource,
} from "./open-ephemeral-resource.ts";

const kind = "ephemeral resource type";

/** The calls about ephemeral resources. */
export function serveEphemeralResources<Client>(
  ephemeralResources: ReadonlyMap<string, EphemeralResource<Client>>,
  calls: CallRunner<Client>,
): EphemeralResourceServer {
  return {
    validateEphemeralResourceConfig: ({ typeName, config }, signal) =>
      calls.answerFor(kind, ephemeralResources, typeName, { signal, failed: {} }, ({ definition, diagnostics }) => {
        validate(definition, config, false, diagnostics);
        return {};
      }),
    openEphemeralResource: (request, signal) =>
      calls.answerFor(
        kind,
        ephemeralResources,
        request.typeName,
        { signal, failed: { result: null, private: notOpened } },
        (call) => openEphemeralResource(call, request),
      ),
    renewEphemeralResource: (request, signal) =>
      calls.answerFor(
        kind,
        ephemeralResources,
        request.typeName,
        { signal, failed: { private: request.private } },
        (call) => renewEphemeralResource(call, request),
      ),
    closeEphemeralResource: (request, signal) =>
      calls.answerFor(kind, ephemeralResources, request.typeName, { signal, failed: {} }, (call) =>
        closeEphemeralResource(call, request),
      ),
  };
}
