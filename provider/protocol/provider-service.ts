/** The service `tfplugin6.Provider` over a {@link ProviderServer}: protobuf and msgpack on one side, plain objects on the other. */
import type { Log, LogFields } from "../framework/log.ts";
import type { ClientCapabilities, ProviderServer } from "../framework/provider-server.ts";
import { decodeDynamicValue, encodeDynamicValue, ValueError } from "./dynamic-value.ts";
import type { GrpcMethod } from "./grpc-server.ts";
import { GrpcError, grpcStatus } from "./grpc-status.ts";

import { tfplugin6 } from "./messages.ts";
import { decodeMessage, encodeMessage, type Input, type Message, ProtobufError } from "./protobuf.ts";
import { attributePathMessage, diagnosticMessage, schemaMessage } from "./schema-messages.ts";

type Tables = typeof tfplugin6;
type MethodName = { [K in keyof Tables]: K extends `${infer M}.Request` ? M : never }[keyof Tables];
type DefineMethod = <M extends MethodName>(
  name: M,
  call: (request: Message<Tables[`${M}.Request`]>, signal: AbortSignal) => Promise<Input<Tables[`${M}.Response`]>>,
) => NamedMethod;
type NamedMethod = readonly [path: string, method: GrpcMethod];

/** The methods that `server` answers, by their gRPC paths. All others of the service are to be answered UNIMPLEMENTED. */
export function providerService(server: ProviderServer, log: Log): ReadonlyMap<string, GrpcMethod> {
  const method = methodsLoggedTo(log);
  return new Map([
    ...providerMethods(server, method),
    ...resourceMethods(server, method),
    ...changeMethods(server, method),
  ]);
}

function providerMethods(server: ProviderServer, method: DefineMethod): readonly NamedMethod[] {
  return [
    method("GetProviderSchema", async (_, signal) => {
      const { provider, resources, serverCapabilities, diagnostics } = await server.getProviderSchema(signal);
      return {
        provider: schemaMessage(provider),
        resource_schemas: new Map(Object.entries(resources).map(([name, schema]) => [name, schemaMessage(schema)])),
        server_capabilities: {
          plan_destroy: serverCapabilities.planDestroy,
          get_provider_schema_optional: serverCapabilities.getProviderSchemaOptional,
          move_resource_state: serverCapabilities.moveResourceState,
        },
        diagnostics: diagnostics.map(diagnosticMessage),
      };
    }),
    method("ValidateProviderConfig", async (request, signal) => {
      const { diagnostics } = await server.validateProviderConfig(
        { config: decodeDynamicValue(request.config) },
        signal,
      );
      return { diagnostics: diagnostics.map(diagnosticMessage) };
    }),
    method("ConfigureProvider", async (request, signal) => {
      const { diagnostics } = await server.configureProvider(
        {
          terraformVersion: request.terraform_version,
          config: decodeDynamicValue(request.config),
          clientCapabilities: clientCapabilities(request),
        },
        signal,
      );
      return { diagnostics: diagnostics.map(diagnosticMessage) };
    }),
    method("StopProvider", async () => {
      await server.stop();
      return {};
    }),
  ];
}

function resourceMethods(server: ProviderServer, method: DefineMethod): readonly NamedMethod[] {
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

function changeMethods(server: ProviderServer, method: DefineMethod): readonly NamedMethod[] {
  return [
    method("PlanResourceChange", async (request, signal) => {
      const response = await server.planResourceChange(
        {
          typeName: request.type_name,
          priorState: decodeDynamicValue(request.prior_state),
          proposedNewState: decodeDynamicValue(request.proposed_new_state),
          config: decodeDynamicValue(request.config),
          priorPrivate: request.prior_private,
          clientCapabilities: clientCapabilities(request),
        },
        signal,
      );
      return {
        planned_state: encodeDynamicValue(response.plannedState),
        requires_replace: response.requiresReplace.map(attributePathMessage),
        planned_private: response.plannedPrivate,
        diagnostics: response.diagnostics.map(diagnosticMessage),
      };
    }),
    method("ApplyResourceChange", async (request, signal) => {
      const response = await server.applyResourceChange(
        {
          typeName: request.type_name,
          priorState: decodeDynamicValue(request.prior_state),
          plannedState: decodeDynamicValue(request.planned_state),
          config: decodeDynamicValue(request.config),
          plannedPrivate: request.planned_private,
        },
        signal,
      );
      return {
        new_state: encodeDynamicValue(response.newState),
        private: response.private,
        diagnostics: response.diagnostics.map(diagnosticMessage),
      };
    }),
  ];
}

/**
 * Defines methods by the names they have in `tfplugin6.proto`. Bytes a method cannot read or write fail the call, saying which.
 * The log gets names and durations, never a value.
 */
function methodsLoggedTo(log: Log): DefineMethod {
  return (name, call) => {
    const request = tfplugin6[`${name}.Request` as const];
    const response = tfplugin6[`${name}.Response` as const];
    const answer = async (bytes: Buffer, signal: AbortSignal): Promise<Buffer> => {
      const startedAt = performance.now();
      const fields = { tf_rpc: name, tf_proto_version: "6", tf_resource_type: undefined as string | undefined };
      try {
        const message = decodeMessage(request, bytes);
        fields.tf_resource_type = resourceType(message);
        log.trace("Received a request.", fields);
        const answered = await call(message, signal);
        log.debug("Answered a request.", {
          ...fields,
          ...diagnosticCounts(answered),
          tf_req_duration_ms: since(startedAt),
        });
        return encodeMessage(response, answered);
      } catch (error) {
        log.debug("A request failed.", { ...fields, tf_req_duration_ms: since(startedAt) });
        if (!(error instanceof ProtobufError || error instanceof ValueError)) throw error;
        throw new GrpcError(grpcStatus.internal, `${name}: ${error.message}`, { cause: error });
      }
    };
    return [`/tfplugin6.Provider/${name}`, { kind: "unary", call: answer }];
  };
}

function resourceType(request: object): string | undefined {
  return "type_name" in request && typeof request.type_name === "string" ? request.type_name : undefined;
}

function diagnosticCounts(answer: object): LogFields {
  if (!("diagnostics" in answer) || !Array.isArray(answer.diagnostics)) return {};
  return { diagnostic_count: answer.diagnostics.length };
}

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}

function clientCapabilities(request: {
  readonly client_capabilities: Message<Tables["ClientCapabilities"]> | undefined;
}): ClientCapabilities {
  return {
    deferralAllowed: request.client_capabilities?.deferral_allowed ?? false,
    writeOnlyAttributesAllowed: request.client_capabilities?.write_only_attributes_allowed ?? false,
  };
}
