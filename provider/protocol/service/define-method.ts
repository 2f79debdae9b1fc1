/** One method of `tfplugin6.Provider`: bytes on one side, messages on the other. */

import type { Log, LogFields } from "../../framework/log.ts";
import { ValueError } from "../dynamic-value.ts";
import type { GrpcMethod } from "../grpc-server.ts";
import { GrpcError, grpcStatus } from "../grpc-status.ts";
import { tfplugin6 } from "../messages.ts";
import { decodeMessage, encodeMessage, type Input, type Message, ProtobufError } from "../protobuf.ts";

/** The tables of the messages. */
export type Tables = typeof tfplugin6;
type MethodName = { [K in keyof Tables]: K extends `${infer M}.Request` ? M : never }[keyof Tables];
/** Defines a method that answers one message with one. */
export type DefineMethod = <M extends MethodName>(
  name: M,
  call: (request: Message<Tables[`${M}.Request`]>, signal: AbortSignal) => Promise<Input<Tables[`${M}.Response`]>>,
) => NamedMethod;
/** A method with its gRPC path. */
export type NamedMethod = readonly [path: string, method: GrpcMethod];

/**
 * Defines methods by the names they have in `tfplugin6.proto`. Bytes a method cannot read or write fail the call, saying which.
 * The log gets names and durations, never a value.
 */
export function methodsLoggedTo(log: Log): DefineMethod {
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
