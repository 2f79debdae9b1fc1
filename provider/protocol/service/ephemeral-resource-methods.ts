import type { EphemeralResourceServer } from "../../framework/ephemeral-resource/ephemeral-resource-server.ts";
import { decodeDynamicValue, encodeDynamicValue } from "../dynamic-value.ts";
import type { timestamp } from "../messages/ephemeral-resources.ts";
import type { Input } from "../protobuf.ts";
import { diagnosticMessage } from "../schema-messages.ts";
import { clientCapabilities } from "./client-capabilities.ts";
import type { DefineMethod, NamedMethod } from "./define-method.ts";

const noBytes = new Uint8Array();

/** The calls about ephemeral resources. */
export function ephemeralResourceMethods(
  server: EphemeralResourceServer,
  method: DefineMethod,
): readonly NamedMethod[] {
  return [
    method("ValidateEphemeralResourceConfig", async (request, signal) => {
      const { diagnostics } = await server.validateEphemeralResourceConfig(
        { typeName: request.type_name, config: decodeDynamicValue(request.config) },
        signal,
      );
      return { diagnostics: diagnostics.map(diagnosticMessage) };
    }),
    method("OpenEphemeralResource", async (request, signal) => {
      const response = await server.openEphemeralResource(
        {
          typeName: request.type_name,
          config: decodeDynamicValue(request.config),
          clientCapabilities: clientCapabilities(request),
        },
        signal,
      );
      return {
        diagnostics: response.diagnostics.map(diagnosticMessage),
        renew_at: timestampMessage(response.renewAt),
        result: encodeDynamicValue(response.result),
        private: response.private,
      };
    }),
    method("RenewEphemeralResource", async (request, signal) => {
      const { typeName, privateBytes } = subject(request);
      const response = await server.renewEphemeralResource({ typeName, private: privateBytes }, signal);
      return {
        diagnostics: response.diagnostics.map(diagnosticMessage),
        renew_at: timestampMessage(response.renewAt),
        private: response.private,
      };
    }),
    method("CloseEphemeralResource", async (request, signal) => {
      const { typeName, privateBytes } = subject(request);
      const { diagnostics } = await server.closeEphemeralResource({ typeName, private: privateBytes }, signal);
      return { diagnostics: diagnostics.map(diagnosticMessage) };
    }),
  ];
}

function subject(request: { readonly type_name: string; readonly private: Uint8Array | undefined }) {
  return { typeName: request.type_name, privateBytes: request.private ?? noBytes };
}

function timestampMessage(time: Date | undefined): Input<typeof timestamp> | undefined {
  if (time === undefined) return undefined;
  const seconds = Math.floor(time.getTime() / 1000);
  return { seconds, nanos: (time.getTime() - seconds * 1000) * 1_000_000 };
}
