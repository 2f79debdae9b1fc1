/**
 * A gRPC server over `node:http2`: unary calls and server streams, which is all a plugin host asks for.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
import { createSecureServer, createServer, type Http2SecureServer, type Http2Server } from "node:http2";
import { GrpcCall } from "./grpc-call.ts";
import { GrpcError, grpcStatus } from "./grpc-status.ts";

/** Answers one request message with one response message. `signal` aborts when the client cancels or its deadline passes. */
export interface UnaryMethod {
  readonly kind: "unary";
  readonly call: (request: Buffer, signal: AbortSignal) => Promise<Uint8Array>;
}

/** Answers with any number of messages. The request is read only when the method asks for it. */
export interface StreamMethod {
  readonly kind: "stream";
  readonly call: (request: () => Promise<Buffer>, signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** What a gRPC path leads to. A thrown {@link GrpcError} is answered as it is, anything else as `unknown` without its text. */
export type GrpcMethod = UnaryMethod | StreamMethod;

/** What a {@link GrpcServer} needs. */
export interface GrpcServerOptions {
  /** Finds the method of a path such as `/tfplugin6.Provider/StopProvider`; `undefined` is answered UNIMPLEMENTED. */
  readonly findMethod: (path: string) => Promise<GrpcMethod | undefined>;
  /** Mutual TLS: PEM of our certificate and key, and of the one client certificate that is let in. Absent: plaintext. */
  readonly tls?: { readonly certificatePem: string; readonly privateKeyPem: string; readonly clientCertificatePem: string };
  /** Told of each failure that the peer sees only as a status, for the log. */
  readonly onMethodError: (path: string, error: unknown) => void;
  /** Told whenever a connection opened (after its TLS handshake) or closed, with the number of open ones. */
  readonly onConnections: (open: number) => void;
}

/** Windows and limits for a few large messages on a local connection; Node's defaults suit many small ones. */
const http2Options = {
  maxSessionMemory: 2048, // megabytes
  settings: { enablePush: false, initialWindowSize: 4 * 1024 * 1024, maxFrameSize: 1024 * 1024 },
} as const;
const connectionWindowBytes = 16 * 1024 * 1024;

/** Serves gRPC methods. Give {@link GrpcServer.listener} an address; {@link GrpcServer.close} ends everything. */
export class GrpcServer {
  /** The HTTP/2 server to call `listen` on. */
  readonly listener: Http2Server | Http2SecureServer;
  readonly #options: GrpcServerOptions;
  readonly #closers = new Set<() => void>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.listener = options.tls === undefined ? createServer(http2Options) : createSecureServer(secureOptions(options.tls));
    this.listener.on("session", (session) => {
      const close = () => session.destroy();
      this.#closers.add(close);
      session.setLocalWindowSize(connectionWindowBytes);
      session.on("error", () => session.destroy());
      session.on("close", () => {
        this.#closers.delete(close);
        options.onConnections(this.#closers.size);
      });
      options.onConnections(this.#closers.size);
    });
    this.listener.on("stream", (stream, headers) => {
      const call = new GrpcCall(stream, headers);
      const answered = this.#answer(call).finally(() => this.#running.delete(answered));
      this.#running.add(answered);
    });
  }

  /** Resolves when no method is running any more, or after `timeoutMs`. */
  async settle(timeoutMs: number): Promise<void> {
    const { promise: timeout, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    await Promise.race([timeout, Promise.all(this.#running)]);
    clearTimeout(timer);
  }

  /** Stops listening and cuts every connection; running methods see their signal abort. */
  close(): void {
    this.listener.close();
    for (const close of this.#closers) close();
  }

  /** Runs one call to its end. Never rejects. Resolves when the method itself has ended, even if the client left before. */
  async #answer(call: GrpcCall): Promise<void> {
    try {
      if (!call.accept()) return;
      const method = await this.#options.findMethod(call.path);
      if (method === undefined) throw new GrpcError(grpcStatus.unimplemented, `Unknown method ${call.path}.`);
      if (method.kind === "unary") await call.sendOne(await method.call(await call.readMessage(), call.signal));
      else await call.sendEach(method.call(() => call.readMessage(), call.signal));
    } catch (error) {
      if (error instanceof GrpcError) return call.fail(error);
      if (!call.signal.aborted) this.#options.onMethodError(call.path, error);
      call.fail(new GrpcError(grpcStatus.unknown, `${call.path} failed inside the provider; its log says why.`));
    }
  }
}

function secureOptions(tls: NonNullable<GrpcServerOptions["tls"]>) {
  return {
    ...http2Options,
    cert: tls.certificatePem,
    key: tls.privateKeyPem,
    ca: tls.clientCertificatePem,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    ALPNProtocols: ["h2"],
  } as const;
}
