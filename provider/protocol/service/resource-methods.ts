import type { ResourceServer } from "../../framework/resource-server.ts";
import { decodeDynamicValue, encodeDynamicValue } from "../dynamic-value.ts";
import { diagnosticMessage } from "../schema-messages.ts";
import { clientCapabilities } from "./client-capabilities.ts";
import type { DefineMethod, NamedMethod } from "./define-method.ts";

/** The calls about managed resources, but for those that change one. */
export function resourceMethods(server: ResourceServer, method: DefineMethod): readonly NamedMethod[] {
  return [
    method("ValidateResourceConfig", async (request, signal) => {
      const { diagnostics } = await server.validateResourceConfig(
        {
          typeName: request.type_name,
          config: decodeDynamicValue(request.config),
          clientCapabilities: clientCapabilities(request),
        },
        signal,
      );
      return { diagnostics: diagnostics.map(diagnosticMessage) };
    }),
    method("UpgradeResourceState", async (request, signal) => {
      const rawStateJson = request.raw_state?.json;
      const { upgradedState, diagnostics } = await server.upgradeResourceState(
        {
          typeName: request.type_name,
          version: request.version,
          rawStateJson: rawStateJson !== undefined && rawStateJson.length > 0 ? rawStateJson : undefined,
        },
        signal,
      );
      return { upgraded_state: encodeDynamicValue(upgradedState), diagnostics: diagnostics.map(diagnosticMessage) };
    }),
    method("ReadResource", async (request, signal) => {
      const response = await server.readResource(
        {
          typeName: request.type_name,
          currentState: decodeDynamicValue(request.current_state),
          private: request.private,
          clientCapabilities: clientCapabilities(request),
        },
        signal,
      );
      return {
        new_state: encodeDynamicValue(response.newState),
        private: response.private,
        diagnostics: response.diagnostics.map(diagnosticMessage),
      };
    }),
    method("ImportResourceState", async (request, signal) => {
      const { importedResources, diagnostics } = await server.importResourceState(
        { typeName: request.type_name, id: request.id, clientCapabilities: clientCapabilities(request) },
        signal,
      );
      return {
        imported_resources: importedResources.map((imported) => ({
          type_name: imported.typeName,
          state: encodeDynamicValue(imported.state),
          private: imported.private,
        })),
        diagnostics: diagnostics.map(diagnosticMessage),
      };
    }),
  ];
}
