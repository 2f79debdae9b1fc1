/**
 * A gRPC server over `node:http2`: unary calls and server streams, which is all a plugin host asks for.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
import { X509Certificate } from "node:crypto";
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { TLSSocket } from "node:tls";
import { GrpcCall } from "./grpc-call.ts";
import { GrpcError, grpcStatus } from "./grpc-status.ts";
import { within } from "./within.ts";

/** Answers one request message with one response message. `signal` aborts when the client cancels or its deadline passes. */
export interface UnaryMethod {
  readonly kind: "unary";
  readonly call: (request: Buffer, signal: AbortSignal) => Promise<Uint8Array>;
}

/** Answers with any number of messages. The request is read only when the method asks for it. */
export interface StreamMethod {
  readonly kind: "stream";
  /** Runs as long as the client likes, without work of its own: nobody waits for its end. */
  readonly isLasting?: true;
  readonly call: (request: () => Promise<Buffer>, signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** What a gRPC path leads to. A thrown {@link GrpcError} is answered as it is, anything else as `unknown` without its text. */
export type GrpcMethod = UnaryMethod | StreamMethod;

/** Certificates and key, PEM. */
export interface GrpcServerTls {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly clientCertificatePem: string;
}

/** What a {@link GrpcServer} needs. */
export interface GrpcServerOptions {
  /** Finds the method of a path such as `/tfplugin6.Provider/StopProvider`; `undefined` is answered UNIMPLEMENTED. */
  readonly findMethod: (path: string) => Promise<GrpcMethod | undefined>;
  /**
   * Mutual TLS: PEM of our certificate and key, and of the one client certificate that is let in. `"none"` is for a unix socket that
   * only this user can open.
   */
  readonly tls: GrpcServerTls | "none";
  /** Told of each failure that the peer sees only as a status, for the log. */
  readonly onMethodError: (path: string, error: unknown) => void;
  /** Told why a connection was not let in. */
  readonly onRefused: (reason: string) => void;
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
  readonly listener: Http2SecureServer | Http2Server;
  readonly #options: GrpcServerOptions;
  readonly #clientCertificate: X509Certificate | undefined;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    const { tls } = options;
    this.#clientCertificate = tls === "none" ? undefined : new X509Certificate(tls.clientCertificatePem);
    this.listener = tls === "none" ? createServer(http2Options) : createSecureServer(secureOptions(tls));
    this.listener.on("session", (session) => this.#open(session));
    this.listener.on("tlsClientError", (error) => options.onRefused(refusalReason(error)));
    this.listener.on(
      "stream",
      (stream: ServerHttp2Stream, headers) => void this.#answer(new GrpcCall(stream, headers)),
    );
  }

  /** Resolves when no method is running any more, or after `timeoutMs`. Lasting streams go on until the client ends them. */
  async settle(timeoutMs: number): Promise<void> {
    await within(timeoutMs, Promise.allSettled(this.#running));
  }

  /**
   * Stops listening, ends every stream and lets what has been answered reach the client; after `limitMs` cuts what is left. Running
   * methods then see their signal abort.
   */
  async close(limitMs: number): Promise<void> {
    this.listener.close();
    this.#closing.abort();
    await within(limitMs, Promise.all([...this.#sessions].map(closeSession)));
    for (const session of this.#sessions) session.destroy();
  }

  #open(session: ServerHttp2Session): void {
    session.on("error", () => session.destroy());
    if (!this.#isOurClient(session)) {
      this.#options.onRefused("another client certificate");
      session.destroy();
      return;
    }
    this.#sessions.add(session);
    session.setLocalWindowSize(connectionWindowBytes);
    session.on("close", () => {
      this.#sessions.delete(session);
      this.#options.onConnections(this.#sessions.size);
    });
    this.#options.onConnections(this.#sessions.size);
  }

  /** TLS has verified the chain. The host's certificate may sign others, and none of those is to be let in either. */
  #isOurClient({ socket }: ServerHttp2Session): boolean {
    if (this.#clientCertificate === undefined) return true;
    const peer = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
    return peer?.fingerprint256 === this.#clientCertificate.fingerprint256;
  }

  /** Runs one call to its end. Never rejects. */
  async #answer(call: GrpcCall): Promise<void> {
    try {
      if (!call.accept()) return;
      const method = await this.#options.findMethod(call.path);
      if (method === undefined) throw new GrpcError(grpcStatus.unimplemented, `Unknown method ${call.path}.`);
      if (method.kind === "unary") await this.#track(this.#answerOne(call, method));
      else if (method.isLasting) await this.#answerMany(call, method);
      else await this.#track(this.#answerMany(call, method));
    } catch (error) {
      if (error instanceof GrpcError) return call.fail(error);
      if (!call.signal.aborted) this.#options.onMethodError(call.path, error);
      call.fail(new GrpcError(grpcStatus.unknown, `${call.path} failed inside the provider; its log says why.`));
    }
  }

  /** Ends when the method itself has ended, even if the client left before. */
  async #answerOne(call: GrpcCall, method: UnaryMethod): Promise<void> {
    await call.sendOne(await method.call(await call.readMessage(), call.signal));
  }

  /** The same for a stream: a client that left takes no more messages, and the method is told to end. */
  async #answerMany(call: GrpcCall, method: StreamMethod): Promise<void> {
    const signal = AbortSignal.any([call.signal, this.#closing.signal]);
    await call.sendEach(method.call(() => call.readMessage(), signal));
  }

  async #track(running: Promise<void>): Promise<void> {
    this.#running.add(running);
    await running.finally(() => this.#running.delete(running));
  }
}

/** A session whose client has said goodbye is closing already, and calls nobody back that `close` is given. */
function closeSession(session: ServerHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    session.once("close", resolve).close();
  });
}

/** OpenSSL's code for it, such as `ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE`. */
function refusalReason(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

function secureOptions(tls: GrpcServerTls) {
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
