/** The services every go-plugin server has besides the plugin itself. */
import { once } from "node:events";
import type { GrpcMethod } from "./grpc-server.ts";
import { GrpcError, grpcStatus } from "./grpc-status.ts";
import { healthCheck } from "./messages.ts";
import { decodeMessage, encodeMessage } from "./protobuf.ts";

const empty = new Uint8Array(0);

/**
 * GRPCController (`onShutdown` runs when its answer is on the way), GRPCStdio (nothing is ever written to it: logs go to standard
 * error), GRPCBroker (no plugin of ours asks for side connections) and the health of the service name `plugin`.
 */
export function pluginServices(onShutdown: () => void): ReadonlyMap<string, GrpcMethod> {
  return new Map<string, GrpcMethod>([
    ["/plugin.GRPCController/Shutdown", { kind: "unary", call: async () => shutDown(onShutdown) }],
    ["/plugin.GRPCStdio/StreamStdio", keptOpen],
    ["/plugin.GRPCBroker/StartStream", keptOpen],
    ["/grpc.health.v1.Health/Check", { kind: "unary", call: async (request) => checkHealth(request) }],
  ]);
}

function shutDown(onShutdown: () => void): Uint8Array {
  setImmediate(onShutdown);
  return empty;
}

/** A stream without messages that ends when the call does. */
const keptOpen: GrpcMethod = {
  kind: "stream",
  isLasting: true,
  call: async function* (_, signal) {
    if (!signal.aborted) await once(signal, "abort");
    yield* [];
  },
};

/** The empty name asks for the server as a whole. */
function checkHealth(request: Buffer): Buffer {
  const { service } = decodeMessage(healthCheck.request, request);
  if (service !== "" && service !== "plugin") throw new GrpcError(grpcStatus.notFound, "Unknown service.");
  return encodeMessage(healthCheck.response, { status: healthCheck.serving });
}
