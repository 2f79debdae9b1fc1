import { GrpcError, grpcStatus } from "../protocol/grpc-status.ts";
import {
  decodeProviderResponse,
  encodeProviderRequest,
  type ProviderCallName,
  type ProviderRequest,
  type ProviderResponse,
  providerCallPath,
} from "../protocol/provider-client.ts";
import { createHostCertificate, type HostCertificate } from "./host-certificate.ts";
import { inheritedEnvironment } from "./inherited-environment.ts";
import { PluginConnection } from "./plugin-connection.ts";
import { type Command, type Handshake, hostEnvironment, type PluginEnd, startPluginProcess } from "./plugin-process.ts";

/** How a plugin is started. */
export interface StartPluginOptions {
  /** Environment variables, besides PATH, NODE_COMPILE_CACHE and those of the host. */
  readonly environment?: NodeJS.ProcessEnv;
  /** What the host proves itself with. Default: a fresh one. */
  readonly certificate?: HostCertificate;
  /** Hears what the provider logs, as it comes. */
  readonly onLog?: (text: string) => void;
}

/** A running provider, and the connection a host has to it. */
export interface Plugin extends AsyncDisposable {
  readonly processId: number;
  readonly handshake: Handshake;
  /** Everything it wrote so far: the handshake, and its log. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** Resolves when it has ended. */
  readonly ended: Promise<PluginEnd>;
  /** For calls that are no proper ones: raw bytes, other paths, headers. */
  readonly connection: PluginConnection;
  /**
   * Makes one call of the provider's service. Names are those of `tfplugin6.proto`; values are plain: text, numbers, null,
   * `unknown`, lists and objects. Diagnostics are part of the answer and throw nothing.
   *
   * @throws GrpcError when the call itself fails, as for a method that is not implemented
   */
  call<Name extends ProviderCallName>(name: Name, request?: ProviderRequest<Name>): Promise<ProviderResponse<Name>>;
  /** Asks the provider to end as Terraform does, and waits for it. */
  shutDown(): Promise<PluginEnd>;
}

/**
 * Starts a provider as Terraform does: handshake, mutual TLS with a certificate of the host's own, gRPC. For the cases that no
 * configuration can bring about. Disposing kills the process.
 *
 * ```ts
 * await using plugin = await startPlugin([process.execPath, "main.ts"]);
 * const { planned_state } = await plugin.call("PlanResourceChange", { type_name: "notes_note", proposed_new_state, config });
 * ```
 *
 * @throws Error when the provider makes no handshake or does not let us in
 */
export async function startPlugin(command: Command, options: StartPluginOptions = {}): Promise<Plugin> {
  const { certificate = createHostCertificate() } = options;
  const environment = { ...inheritedEnvironment(), ...options.environment, ...hostEnvironment(certificate) };
  const started = startPluginProcess(command, environment, options.onLog);
  try {
    const handshake = await started.handshake();
    const connection = await PluginConnection.open(handshake, certificate);
    return {
      processId: started.child.pid ?? 0,
      handshake,
      output: started.output,
      ended: started.ended,
      connection,
      call: (name, request = {}) => callProvider(connection, name, request),
      async shutDown() {
        await connection.call("/plugin.GRPCController/Shutdown");
        return started.ended;
      },
      async [Symbol.asyncDispose]() {
        connection.close();
        await started[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await started[Symbol.asyncDispose]();
    throw error;
  }
}

async function callProvider<Name extends ProviderCallName>(
  connection: PluginConnection,
  name: Name,
  request: ProviderRequest<Name>,
): Promise<ProviderResponse<Name>> {
  const answer = await connection.call(providerCallPath(name), encodeProviderRequest(name, request));
  if (answer.status === grpcStatus.ok) return decodeProviderResponse(name, answer.body);
  const status = Object.values(grpcStatus).find((known) => known === answer.status) ?? grpcStatus.unknown;
  throw new GrpcError(status, answer.message);
}
