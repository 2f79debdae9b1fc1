import { silentLog } from "../framework/diagnostics/log.ts";
import type { ProviderServer } from "../framework/provider/provider-server.ts";
import { type GrpcMethod, GrpcServer } from "../protocol/grpc-server.ts";
import { listen } from "../protocol/listen.ts";
import { pluginServices } from "../protocol/plugin-services.ts";
import { providerService } from "../protocol/provider-service.ts";

/** A provider that is served by this very process. */
export interface ServedProvider extends AsyncDisposable {
  /** The environment variable by which Terraform and OpenTofu find it. */
  readonly environment: { readonly TF_REATTACH_PROVIDERS: string };
}

const stopPath = "/tfplugin6.Provider/StopProvider";
/** What answers get to reach the engine, in milliseconds. */
const flushMs = 250;

/**
 * Serves a provider to engines without a process of its own: with breakpoints, spies and a world in memory. It listens on a unix
 * socket that only this user can open.
 *
 * @param source the provider's source address without a host
 * @param create makes a provider: at the first call, and at the first one after each stop
 */
export async function serveInProcess(source: string, create: () => ProviderServer): Promise<ServedProvider> {
  let current: { readonly server: ProviderServer; readonly methods: ReadonlyMap<string, GrpcMethod> } | undefined;
  const services = pluginServices(() => {});
  const grpc = new GrpcServer({
    async findMethod(path) {
      if (services.has(path)) return services.get(path);
      if (current === undefined) {
        const server = create();
        current = { server, methods: providerService(server, silentLog) };
      }
      const { methods } = current;
      // A stop is for good: the next command gets a provider of its own.
      if (path === stopPath) current = undefined;
      return methods.get(path);
    },
    tls: "none",
    onMethodError: () => {},
    onRefused: () => {},
    onConnections: () => {},
  });
  const ports = { min: 0, max: 0 };
  const { address, remove } = await listen(grpc.listener, "unix", { unixSocketFolder: undefined, ports });
  if (address.network !== "unix") throw new TypeError("A unix socket was asked for.");
  const attachment = {
    Protocol: "grpc",
    ProtocolVersion: 6,
    Pid: process.pid,
    Test: true, // not to be killed after a command
    Addr: { Network: "unix", String: address.path },
  };
  return {
    environment: { TF_REATTACH_PROVIDERS: JSON.stringify({ [source]: attachment }) },
    async [Symbol.asyncDispose]() {
      await grpc.close(flushMs);
      await current?.server.close();
      remove();
    },
  };
}
