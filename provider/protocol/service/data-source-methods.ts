import type { DataSourceServer } from "../../framework/data-source/data-source-server.ts";
import { decodeDynamicValue, encodeDynamicValue } from "../dynamic-value.ts";
import { diagnosticMessage } from "../schema-messages.ts";
import { clientCapabilities } from "./client-capabilities.ts";
import { deferredMessage } from "./deferred-message.ts";
import type { DefineMethod, NamedMethod } from "./define-method.ts";

/** The calls about data sources. */
export function dataSourceMethods(server: DataSourceServer, method: DefineMethod): readonly NamedMethod[] {
  return [
    method("ValidateDataResourceConfig", async (request, signal) => {
      const { diagnostics } = await server.validateDataResourceConfig(
        { typeName: request.type_name, config: decodeDynamicValue(request.config) },
        signal,
      );
      return { diagnostics: diagnostics.map(diagnosticMessage) };
    }),
    method("ReadDataSource", async (request, signal) => {
      const { state, deferred, diagnostics } = await server.readDataSource(
        {
          typeName: request.type_name,
          config: decodeDynamicValue(request.config),
          clientCapabilities: clientCapabilities(request),
        },
        signal,
      );
      return {
        state: encodeDynamicValue(state),
        diagnostics: diagnostics.map(diagnosticMessage),
        deferred: deferredMessage(deferred),
      };
    }),
  ];
}
