import type { Log } from "../framework/diagnostics/log.ts";
import type { ProviderServer } from "../framework/provider/provider-server.ts";
import { describeError } from "./describe-error.ts";
import type { GrpcMethod } from "./grpc-server.ts";
import { GrpcError, grpcStatus } from "./grpc-status.ts";

/** A provider and the methods it answers. */
export interface LoadedProvider {
  readonly server: ProviderServer;
  readonly methods: ReadonlyMap<string, GrpcMethod>;
}

/** Makes a provider. @throws GrpcError that each call is answered with */
export async function loadProvider(load: (log: Log) => Promise<ProviderServer>, log: Log): Promise<LoadedProvider> {
  try {
    const [{ providerService }, server] = await Promise.all([import("./provider-service.ts"), load(log)]);
    return { server, methods: providerService(server, log) };
  } catch (cause) {
    log.error("The provider could not be loaded.", describeError(cause));
    throw new GrpcError(grpcStatus.internal, "The provider could not be loaded; TF_LOG=error shows why.", { cause });
  }
}

/** Closes a provider; a failure is logged. */
export async function closeProvider(server: ProviderServer, log: Log): Promise<void> {
  try {
    await server.close();
  } catch (error) {
    log.error("The provider could not be closed.", describeError(error));
  }
}

/** All of the provider's own service, and nothing else, needs the provider loaded. */
export function isProviderPath(path: string): boolean {
  return path.startsWith("/tfplugin6.Provider/");
}
