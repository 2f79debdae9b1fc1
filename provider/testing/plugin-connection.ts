import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect as connectTls } from "node:tls";
import type { HostCertificate } from "./host-certificate.ts";

/** Where a plugin listens, and the certificate it proves itself with. */
export interface PluginAddress {
  readonly network: string;
  /** The path of a unix socket, or host and port. */
  readonly address: string;
  readonly certificatePem: string;
}

/** What a gRPC call came to. */
export interface GrpcAnswer {
  /** The gRPC status; 0 is success, -1 that the connection broke before there was one. */
  readonly status: number;
  readonly message: string;
  /** The first response message; empty when there is none. */
  readonly body: Buffer;
  /** Every response message, in order. A unary call has at most one. */
  readonly bodies: readonly Buffer[];
}

/** Headers of a request. */
export interface GrpcHeaders {
  readonly [name: string]: string;
}

/** Bytes before a gRPC message: a flag and its length. */
const prefixBytes = 5;

/** A connection to a gRPC server over mutual TLS, as a plugin host has one. */
export class PluginConnection {
  /** For what the methods below do not do. */
  readonly session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
  }

  /**
   * Connects, presenting `certificate` if there is one.
   *
   * @throws Error when the server does not let us in
   */
  static async open(server: PluginAddress, certificate?: HostCertificate): Promise<PluginConnection> {
    const [host = "", port = ""] = server.address.split(":");
    const where = server.network === "unix" ? { path: server.address } : { host, port: Number(port) };
    const socket = connectTls({
      ...where,
      ca: server.certificatePem,
      servername: "localhost",
      ALPNProtocols: ["h2"],
      ...(certificate && { cert: certificate.certificatePem, key: certificate.privateKeyPem }),
    });
    const isClosed = new Promise<never>((_, reject) =>
      socket.once("error", reject).once("close", () => reject(new Error("The connection was closed."))),
    );
    isClosed.catch(() => {});
    await once(socket, "secureConnect");
    const session = connectHttp2("https://localhost", { createConnection: () => socket });
    session.on("error", (error) => socket.destroy(error));
    // With TLS 1.3 a client learns only afterwards that its certificate is refused.
    const isOpen = new Promise<void>((resolve) => {
      session.once("remoteSettings", () => session.ping((error) => error === null && resolve()));
    });
    await Promise.race([isOpen, isClosed]);
    return new PluginConnection(session);
  }

  /** Calls a method with the bytes of one message. */
  call(path: string, message: Uint8Array = new Uint8Array(0), headers: GrpcHeaders = {}): Promise<GrpcAnswer> {
    const prefix = Buffer.alloc(prefixBytes);
    prefix.writeUInt32BE(message.length, 1);
    return this.send(path, Buffer.concat([prefix, message]), headers);
  }

  /** Calls a method with raw bytes for a body. */
  async send(path: string, body: Uint8Array, headers: GrpcHeaders = {}): Promise<GrpcAnswer> {
    const stream = this.session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    const chunks: Buffer[] = [];
    const seen: { [name: string]: unknown } = {};
    stream.on("response", (received) => Object.assign(seen, received));
    stream.on("trailers", (received) => Object.assign(seen, received));
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", () => {});
    stream.end(body);
    await once(stream, "close");
    const bodies = splitMessages(Buffer.concat(chunks));
    return {
      status: Number(seen["grpc-status"] ?? -1),
      message: decodeURIComponent(String(seen["grpc-message"] ?? "")),
      body: bodies[0] ?? Buffer.alloc(0),
      bodies,
    };
  }

  /** Ends the connection and every call under way. */
  close(): void {
    this.session.destroy();
  }
}

function splitMessages(bytes: Buffer): readonly Buffer[] {
  const messages: Buffer[] = [];
  for (let start = 0; start + prefixBytes <= bytes.length; ) {
    const end = start + prefixBytes + bytes.readUInt32BE(start + 1);
    messages.push(bytes.subarray(start + prefixBytes, end));
    start = end;
  }
  return messages;
}
