/**
 * A provider that a person started, with a debugger perhaps, and that Terraform is told of by TF_REATTACH_PROVIDERS. It outlives the
 * commands it serves.
 */
import type { Log } from "../framework/diagnostics/log.ts";
import type { ProviderServer } from "../framework/provider/provider-server.ts";
import { describeError } from "./describe-error.ts";
import { GrpcServer } from "./grpc-server.ts";
import { type Environment, HandshakeError } from "./handshake.ts";
import { listen } from "./listen.ts";
import { closeProvider, isProviderPath, type LoadedProvider, loadProvider } from "./load-provider.ts";
import { createLog, logLevel } from "./log.ts";
import { pluginServices } from "./plugin-services.ts";

interface DebugOptions {
  readonly environment: Environment;
  readonly loadProvider: (log: Log) => Promise<ProviderServer>;
  /** The provider's source address. */
  readonly source: string;
}

/** What calls still running get to finish, in milliseconds, when the person ends the provider. */
const settleMs = 5000;
const flushMs = 250;
const stopPath = "/tfplugin6.Provider/StopProvider";

/** Serves until SIGINT, SIGTERM or SIGHUP. Resolves when it has printed how to attach. */
export async function serveForDebugging(options: DebugOptions): Promise<void> {
  const { environment, source } = options;
  try {
    if (environment["TF_PLUGIN_MAGIC_COOKIE"] !== undefined) {
      throw new HandshakeError("A plugin host started this provider with --debug, which is for people. Leave it out.");
    }
    const log = createLog({
      level: logLevel(environment),
      module: "provider",
      write: (line) => void process.stderr.write(line),
      now: () => new Date(),
    });
    const path = await start(options, log);
    process.stdout.write(howToAttach(source, path));
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error;
    process.stderr.write(`${error.message}\n`, () => process.exit(1));
  }
}

/** Returns the path of the socket. */
async function start(options: DebugOptions, log: Log): Promise<string> {
  let current: Promise<LoadedProvider> | undefined;
  const services = pluginServices(() => {}); // a host that reattached does not end what it did not start
  const grpc = new GrpcServer({
    findMethod: async (path) => {
      if (!isProviderPath(path)) return services.get(path);
      current ??= loadProvider(options.loadProvider, log);
      const { methods } = await current;
      // A stop is for good: the next command gets a provider of its own.
      if (path === stopPath) current = undefined;
      return methods.get(path);
    },
    tls: "none",
    onMethodError: (path, error) =>
      log.error("A call failed inside the provider.", { tf_rpc: path, ...describeError(error) }),
    onRefused: (reason) => log.warn("Refused a connection.", { reason }),
    onConnections: () => {},
  });
  const ports = { min: 0, max: 0 };
  const request = { unixSocketFolder: undefined, ports };
  const { address, remove } = await listen(grpc.listener, "unix", request);
  const end = async (): Promise<void> => {
    await grpc.settle(settleMs);
    const loaded = await current?.catch(() => undefined);
    if (loaded !== undefined) await closeProvider(loaded.server, log);
    await grpc.close(flushMs);
    process.exit();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void end());
  process.on("exit", remove);
  if (address.network !== "unix") throw new TypeError("A unix socket was asked for.");
  return address.path;
}

/** The address has no host, so that it fits Terraform and OpenTofu, whose registries differ. */
function howToAttach(source: string, path: string): string {
  const attachment = {
    Protocol: "grpc",
    ProtocolVersion: 6,
    Pid: process.pid,
    Test: true, // not to be killed after a command
    Addr: { Network: "unix", String: path },
  };
  const json = JSON.stringify({ [source]: attachment });
  return (
    "The provider waits for Terraform or OpenTofu. In another terminal, in the folder of a configuration:\n\n" +
    `  export TF_REATTACH_PROVIDERS='${json}'\n\nCtrl-C here ends it.\n`
  );
}
