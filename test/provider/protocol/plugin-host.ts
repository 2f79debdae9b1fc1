/** What Terraform is to a provider process: starts it, reads its handshake, calls it over mutual TLS. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";
import type { HostCertificate } from "./client-certificate.ts";

/** The cookie of every plugin host. */
export const cookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
const main = fileURLToPath(new URL("./fixtures/main.ts", import.meta.url));

/** A provider process. */
export interface ProviderProcess extends AsyncDisposable {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** A folder of its own: the world, and the place for its socket. */
  readonly folder: string;
  /** Everything it wrote so far. */
  readonly output: { stdout: string; stderr: string };
  /** Resolves with exit code and signal when it has ended and its output is complete. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** Starts the example provider with exactly these environment variables, besides PATH and its folder. */
export function startProcess(environment: NodeJS.ProcessEnv, wrapper: readonly string[] = []): ProviderProcess {
  const folder = mkdtempSync(join(tmpdir(), "acme-"));
  const [command = process.execPath, ...parameters] = [...wrapper, process.execPath, main];
  const child = spawn(command, parameters, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], TMPDIR: folder, ACME_FOLDER: folder, ...environment },
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal }));
  return {
    child,
    folder,
    output,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The words of a handshake line. */
export interface Handshake {
  readonly line: string;
  readonly network: string;
  readonly address: string;
  readonly certificatePem: string;
}

/** Starts the example provider as Terraform does, and reads its handshake. */
export async function startProvider(
  certificate: HostCertificate,
  environment: NodeJS.ProcessEnv = {},
  wrapper: readonly string[] = [],
) {
  const provider = startProcess(
    {
      TF_PLUGIN_MAGIC_COOKIE: cookie,
      PLUGIN_PROTOCOL_VERSIONS: "5,6",
      PLUGIN_CLIENT_CERT: certificate.certificatePem,
      PLUGIN_MIN_PORT: "10000",
      PLUGIN_MAX_PORT: "25000",
      TF_LOG_PROVIDER: "trace",
      ...environment,
    },
    wrapper,
  );
  await until(() => provider.output.stdout.includes("\n") || provider.child.exitCode !== null);
  const [, , network = "", address = "", , base64 = ""] = provider.output.stdout.trim().split("|");
  const certificatePem = `-----BEGIN CERTIFICATE-----\n${base64}${"=".repeat(-base64.length & 3)}\n-----END CERTIFICATE-----\n`;
  return Object.assign(provider, { handshake: { line: provider.output.stdout, network, address, certificatePem } });
}

/** What a call came to. */
export interface Answer {
  readonly status: number;
  readonly message: string;
  readonly body: Buffer;
}

/** A connection to a gRPC server on a unix socket or TCP address. */
export class PluginConnection {
  readonly session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
  }

  /** Connects, presenting `certificate` if there is one. Rejects when the server does not let us in. */
  static async open(
    handshake: Pick<Handshake, "network" | "address" | "certificatePem">,
    certificate?: HostCertificate,
  ): Promise<PluginConnection> {
    const [host = "", port = ""] = handshake.address.split(":");
    const where = handshake.network === "unix" ? { path: handshake.address } : { host, port: Number(port) };
    const socket = connectTls({
      ...where,
      ca: handshake.certificatePem,
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
  call(
    path: string,
    message: Uint8Array = new Uint8Array(0),
    headers: { readonly [name: string]: string } = {},
  ): Promise<Answer> {
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    return this.send(path, Buffer.concat([prefix, message]), headers);
  }

  /** Calls a method with raw bytes for a body. */
  async send(path: string, body: Uint8Array, headers: { readonly [name: string]: string } = {}): Promise<Answer> {
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
    const message = decodeURIComponent(String(seen["grpc-message"] ?? ""));
    return { status: Number(seen["grpc-status"] ?? -1), message, body: Buffer.concat(chunks).subarray(5) };
  }

  close(): void {
    this.session.destroy();
  }
}

/** Waits until `isTrue`, looking every 20 ms; fails after `limitMs`. */
export async function until(isTrue: () => boolean, limitMs = 20_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`Not within ${limitMs} ms: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
