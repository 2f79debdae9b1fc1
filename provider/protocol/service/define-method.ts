/** One method of `tfplugin6.Provider`: bytes on one side, messages on the other. */

import type { Log, LogFields } from "../../framework/diagnostics/log.ts";
import { ValueError } from "../dynamic-value.ts";
import type { GrpcMethod } from "../grpc-server.ts";
import { GrpcError, grpcStatus } from "../grpc-status.ts";
import { tfplugin6 } from "../messages.ts";
import { decodeMessage, encodeMessage, type Input, type Message, ProtobufError } from "../protobuf.ts";

/** The tables of the messages. */
export type Tables = typeof tfplugin6;
type RequestName = { [K in keyof Tables]: K extends `${infer M}.Request` ? M : never }[keyof Tables];
type MethodName = { [M in RequestName]: `${M}.Response` extends keyof Tables ? M : never }[RequestName];
type StreamName = { [M in RequestName]: `${M}.Event` extends keyof Tables ? M : never }[RequestName];
/** Defines a method that answers one message with one. */
export type DefineMethod = <M extends MethodName>(
  name: M,
  call: (request: Message<Tables[`${M}.Request`]>, signal: AbortSignal) => Promise<Input<Tables[`${M}.Response`]>>,
) => NamedMethod;
/** Defines a method that answers one message with any number. */
export type DefineStream = <M extends StreamName>(
  name: M,
  call: (request: Message<Tables[`${M}.Request`]>, signal: AbortSignal) => AsyncIterable<Input<Tables[`${M}.Event`]>>,
) => NamedMethod;
/** A method with its gRPC path. */
export type NamedMethod = readonly [path: string, method: GrpcMethod];

/**
 * Defines methods by the names they have in `tfplugin6.proto`. Bytes a method cannot read or write fail the call, saying which.
 * The log gets names and durations, never a value.
 */
export function methodsLoggedTo(log: Log): DefineMethod {
  return (name, answerMessage) => {
    const request = tfplugin6[`${name}.Request` as const];
    const response = tfplugin6[`${name}.Response` as const];
    const answer = async (bytes: Buffer, signal: AbortSignal): Promise<Buffer> => {
      const call = new LoggedCall(name, log);
      try {
        const answered = await answerMessage(call.received(decodeMessage(request, bytes)), signal);
        call.answered(diagnosticCounts(answered));
        return encodeMessage(response, answered);
      } catch (error) {
        throw call.failed(error);
      }
    };
    return [`/tfplugin6.Provider/${name}`, { kind: "unary", call: answer }];
  };
}

/** The same for methods that answer with a stream. */
export function streamsLoggedTo(log: Log): DefineStream {
  return (name, answerMessages) => {
    const request = tfplugin6[`${name}.Request` as const];
    const event = tfplugin6[`${name}.Event` as const];
    async function* answer(read: () => Promise<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
      const call = new LoggedCall(name, log);
      let count = 0;
      try {
        const message = call.received(decodeMessage(request, await read()));
        for await (const answered of answerMessages(message, signal)) {
          count += 1;
          yield encodeMessage(event, answered);
        }
        call.answered({ event_count: count });
      } catch (error) {
        throw call.failed(error);
      }
    }
    return [`/tfplugin6.Provider/${name}`, { kind: "stream", call: answer }];
  };
}

/** What the log says of one call. */
class LoggedCall {
  readonly #name: string;
  readonly #log: Log;
  readonly #startedAt = performance.now();
  #fields: LogFields;

  constructor(name: string, log: Log) {
    this.#name = name;
    this.#log = log;
    this.#fields = { tf_rpc: name, tf_proto_version: "6" };
  }

  received<T extends object>(message: T): T {
    this.#fields = { ...this.#fields, tf_resource_type: typeName(message) };
    this.#log.trace("Received a request.", this.#fields);
    return message;
  }

  answered(counts: LogFields): void {
    this.#log.debug("Answered a request.", { ...this.#fields, ...counts, ...this.#duration() });
  }

  /** The error to end the call with. */
  failed(error: unknown): unknown {
    this.#log.debug("A request failed.", { ...this.#fields, ...this.#duration() });
    if (!(error instanceof ProtobufError || error instanceof ValueError)) return error;
    return new GrpcError(grpcStatus.internal, `${this.#name}: ${error.message}`, { cause: error });
  }

  #duration(): LogFields {
    return { tf_req_duration_ms: Math.round(performance.now() - this.#startedAt) };
  }
}

function typeName(request: object): string | undefined {
  if ("type_name" in request && typeof request.type_name === "string") return request.type_name;
  return "action_type" in request && typeof request.action_type === "string" ? request.action_type : undefined;
}

function diagnosticCounts(answer: object): LogFields {
  if (!("diagnostics" in answer) || !Array.isArray(answer.diagnostics)) return {};
  return { diagnostic_count: answer.diagnostics.length };
}
