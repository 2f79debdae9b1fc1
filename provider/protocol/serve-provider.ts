/**
 * A provider process, from its start to its end.
 *
 * Terraform starts a provider several times per command, so the order matters: the handshake comes before the provider's own
 * modules are loaded, which happens while Terraform connects.
 */
import type { Log } from "../framework/diagnostics/log.ts";
import type { ProviderServer } from "../framework/provider/provider-server.ts";
import { createServerCertificate } from "./certificate.ts";
import { describeError } from "./describe-error.ts";
import { GrpcServer } from "./grpc-server.ts";
import { type Environment, HandshakeError, type HostRequest, handshakeLine, readHostRequest } from "./handshake.ts";
import { HostWatch } from "./host-watch.ts";
import { listen } from "./listen.ts";
import { closeProvider, isProviderPath, loadProvider } from "./load-provider.ts";
import { createLog, logLevel } from "./log.ts";
import { pluginServices } from "./plugin-services.ts";
import { guardStdout } from "./stdout-guard.ts";
import { within } from "./within.ts";

export interface ServeProviderOptions {
  /** The environment variables of the process. */
  readonly environment: Environment;
  /**
   * Makes the provider. Called once, right after the handshake; import what is heavy in here. If it rejects, every call of
   * Terraform fails and the log says why.
   */
  readonly loadProvider: (log: Log) => Promise<ProviderServer>;
  /**
   * Serves a person who debugs instead of a host: in the clear on a unix socket of this user's, until Ctrl-C, for any number of
   * commands of Terraform. `source` is the provider's source address, such as `acme/acme`.
   */
  readonly debug?: { readonly source: string };
  /** What to listen on. Default: a unix socket; on Windows, where Terraform's kind does not exist in Node, TCP on loopback. */
  readonly network?: "unix" | "tcp";
}

/** How long the end of the provider may take, in milliseconds. */
interface Patience {
  /** What calls still running get to finish. */
  readonly settleMs: number;
  /** What {@link ProviderServer.close} may take: it may have to take back what the host left open. */
  readonly closeMs: number;
}

/** When the host is still there: it kills a plugin after 2 s. */
const withHost: Patience = { settleMs: 500, closeMs: 1000 };
/** When nobody waits any more: enough to record what was done elsewhere. */
const orphaned: Patience = { settleMs: 10_000, closeMs: 10_000 };
/** What {@link ProviderServer.stop} may take, in milliseconds. */
const stopMs = 100;
/** What answers get to reach the host, in milliseconds. */
const flushMs = 250;

/**
 * Serves a provider to the Terraform or OpenTofu that started this process, and ends the process when that is done: with exit
 * code 0 when the host asked for it or went away, with 1 when there is no host (a person gets an explanation) or the provider
 * failed. Resolves when the handshake has been made.
 *
 * Takes over the process: standard output belongs to the protocol (other writes go to the log), Ctrl-C is left to Terraform,
 * and errors nobody caught are logged without their text.
 */
export async function serveProvider(options: ServeProviderOptions): Promise<void> {
  if (options.debug !== undefined) {
    const { serveForDebugging } = await import("./serve-for-debugging.ts");
    return serveForDebugging({ ...options, ...options.debug });
  }
  const { environment, network = process.platform === "win32" ? "tcp" : "unix" } = options;
  try {
    const request = readHostRequest(environment);
    const log = createLog({
      level: logLevel(environment),
      module: "provider",
      write: (line) => void process.stderr.write(line),
      now: () => new Date(),
    });
    guardProcess(log);
    await start(options, request, network, log);
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error;
    process.stderr.write(`${error.message}\n`, () => process.exit(1));
  }
}

async function start(
  options: ServeProviderOptions,
  request: HostRequest,
  network: "unix" | "tcp",
  log: Log,
): Promise<void> {
  const print = guardStdout(process.stdout, log);
  const certificate = createServerCertificate(new Date());
  const provider = lazily(() => loadProvider(options.loadProvider, log));
  const end = once(async (reason: string, { settleMs, closeMs }: Patience) => {
    log.debug("The provider ends.", { reason });
    watch.close();
    await within(
      stopMs,
      provider.ifStarted((loaded) => loaded.server.stop()),
    );
    await grpc.settle(settleMs);
    await within(
      closeMs,
      provider.ifStarted((loaded) => closeProvider(loaded.server, log)),
    );
    await grpc.close(flushMs);
    process.exit();
  });
  const services = pluginServices(() => void end("The host asked for it.", withHost));
  const grpc = new GrpcServer({
    findMethod: async (path) =>
      services.get(path) ?? (isProviderPath(path) ? (await provider.get()).methods.get(path) : undefined),
    tls: { ...certificate, clientCertificatePem: request.clientCertificatePem },
    onMethodError: (path, error) =>
      log.error("A call failed inside the provider.", { tf_rpc: path, ...describeError(error) }),
    onRefused: (reason) => log.warn("Refused a connection.", { reason }),
    onConnections: (open) => watch.connectionsChanged(open),
  });
  const watch = new HostWatch({ parentId: () => process.ppid, onGone: (reason) => void end(reason, orphaned) });
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => void end(signal, orphaned));
  const { address, remove } = await listen(grpc.listener, network, request);
  process.on("exit", remove);
  print(handshakeLine(address, certificate.certificateDer));
  provider.get().catch(() => {}); // has been logged; each call reports it
}

/** Ctrl-C reaches the whole process group: Terraform decides what it means and says so by StopProvider. */
function guardProcess(log: Log): void {
  process.on("SIGINT", () => log.debug("Left SIGINT to Terraform."));
  process.on("uncaughtException", (error) => {
    log.error("The provider failed and ends.", describeError(error));
    process.exit(1);
  });
  // A host that was killed no longer reads; that alone must not end a call under way.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
}

/** Something made at its first use; a failure to make it fails each use. */
function lazily<T>(load: () => Promise<T>) {
  let started: Promise<T> | undefined;
  return {
    get: () => (started ??= load()),
    /** Does nothing when it was never made, or could not be. */
    ifStarted: async (use: (loaded: T) => Promise<void>): Promise<void> => {
      const loaded = await started?.catch(() => undefined);
      if (loaded !== undefined) await use(loaded);
    },
  };
}

/** Only the first call does something. */
function once<P extends readonly unknown[]>(
  act: (...parameters: P) => Promise<void>,
): (...parameters: P) => Promise<void> {
  let done: Promise<void> | undefined;
  return (...parameters) => (done ??= act(...parameters));
}
