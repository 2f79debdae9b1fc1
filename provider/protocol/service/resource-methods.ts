import type { ResourceServer } from "../../framework/resource/resource-server.ts";
import { decodeDynamicValue, encodeDynamicValue } from "../dynamic-value.ts";
import { diagnosticMessage } from "../schema-messages.ts";
import { clientCapabilities } from "./client-capabilities.ts";
import type { DefineMethod, NamedMethod } from "./define-method.ts";
import { decodeIdentity, identityMessage } from "./identity-methods.ts";

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
          currentIdentity: decodeIdentity(request.current_identity),
          private: request.private,
          clientCapabilities: clientCapabilities(request),
        },
        signal,
      );
      return {
        new_state: encodeDynamicValue(response.newState),
        private: response.private,
        new_identity: identityMessage(response.newIdentity),
        diagnostics: response.diagnostics.map(diagnosticMessage),
      };
    }),
    method("ImportResourceState", async (request, signal) => {
      const { importedResources, diagnostics } = await server.importResourceState(
        {
          typeName: request.type_name,
          id: request.id,
          identity: decodeIdentity(request.identity),
          clientCapabilities: clientCapabilities(request),
        },
        signal,
      );
      return {
        imported_resources: importedResources.map((imported) => ({
          type_name: imported.typeName,
          state: encodeDynamicValue(imported.state),
          private: imported.private,
          identity: identityMessage(imported.identity),
        })),
        diagnostics: diagnostics.map(diagnosticMessage),
      };
    }),
    method("MoveResourceState", async (request, signal) => {
      const response = await server.moveResourceState(
        {
          targetTypeName: request.target_type_name,
          sourceTypeName: request.source_type_name,
          sourceProviderAddress: request.source_provider_address,
          sourceSchemaVersion: request.source_schema_version,
          sourceStateJson: request.source_state?.json,
          sourcePrivate: request.source_private,
        },
        signal,
      );
      return {
        target_state: encodeDynamicValue(response.targetState),
        target_private: response.targetPrivate,
        target_identity: identityMessage(response.targetIdentity),
        diagnostics: response.diagnostics.map(diagnosticMessage),
      };
    }),
    method("GenerateResourceConfig", async (request, signal) => {
      const { config, diagnostics } = await server.generateResourceConfig(
        { typeName: request.type_name, state: decodeDynamicValue(request.state) },
        signal,
      );
      return { config: encodeDynamicValue(config), diagnostics: diagnostics.map(diagnosticMessage) };
    }),
  ];
}
