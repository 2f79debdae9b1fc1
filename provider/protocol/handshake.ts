/**
 * The first words between a plugin and its host: what the host says in environment variables, and the one line the plugin
 * answers on standard output.
 *
 * @see https://github.com/hashicorp/go-plugin/blob/main/docs/internals.md
 */
import { X509Certificate } from "node:crypto";

/** Environment variables, as `process.env` holds them. */
export interface Environment {
  readonly [name: string]: string | undefined;
}

/** What the host of this process asked for. */
export interface HostRequest {
  /** The only certificate that may connect, PEM. */
  readonly clientCertificatePem: string;
  /** Where the host wants a unix socket to be; undefined leaves it to us. */
  readonly unixSocketFolder: string | undefined;
  /** Lowest and highest TCP port allowed; both 0 leave it to the operating system. */
  readonly ports: { readonly min: number; readonly max: number };
}

/** Why this process cannot serve whoever started it. The message is for a person. */
export class HandshakeError extends Error {
  override readonly name = "HandshakeError";
}

/** Where a provider listens. */
export type ListenAddress =
  | { readonly network: "unix"; readonly path: string }
  | { readonly network: "tcp"; readonly host: string; readonly port: number };

/** Set by Terraform and OpenTofu for every provider they start. It shows who calls; it protects nothing. */
const magicCookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
const coreProtocolVersion = 1;
const providerProtocolVersion = 6;

/**
 * Reads what the host asks for.
 *
 * @throws HandshakeError when no plugin host started this process, or one that does not speak protocol 6 over mutual TLS
 */
export function readHostRequest(environment: Environment): HostRequest {
  if (environment["TF_PLUGIN_MAGIC_COOKIE"] !== magicCookie) {
    throw new HandshakeError(
      "This program is a Terraform provider. Terraform and OpenTofu start it themselves; it does nothing on its own.\n" +
        "Name the provider in the required_providers block of a configuration and run terraform init.",
    );
  }
  const versions = (environment["PLUGIN_PROTOCOL_VERSIONS"] ?? "").split(",").map((version) => version.trim());
  if (!versions.includes(String(providerProtocolVersion))) {
    const offered = versions.join(", ") || "none";
    throw new HandshakeError(
      `This provider speaks plugin protocol ${providerProtocolVersion}; its host offers ${offered}. ` +
        "Use Terraform 1.0 or later, or OpenTofu.",
    );
  }
  return {
    clientCertificatePem: readClientCertificate(environment["PLUGIN_CLIENT_CERT"]),
    unixSocketFolder: environment["PLUGIN_UNIX_SOCKET_DIR"] || undefined,
    ports: { min: readPort(environment, "PLUGIN_MIN_PORT"), max: readPort(environment, "PLUGIN_MAX_PORT") },
  };
}

/** The line that tells the host where to connect and which certificate to expect, with its line feed. */
export function handshakeLine(address: ListenAddress, certificateDer: Buffer): string {
  const where = address.network === "unix" ? address.path : `${address.host}:${address.port}`;
  const certificate = certificateDer.toString("base64").replace(/=+$/, ""); // Go's RawStdEncoding refuses padding
  const words = [coreProtocolVersion, providerProtocolVersion, address.network, where, "grpc", certificate];
  return `${words.join("|")}\n`;
}

function readClientCertificate(pem: string | undefined): string {
  if (pem === undefined || pem === "") {
    throw new HandshakeError(
      "The host of this provider offers no client certificate (PLUGIN_CLIENT_CERT). Without one anybody on this machine " +
        "could use the provider, so it does not start.",
    );
  }
  try {
    return new X509Certificate(pem).toString();
  } catch (error) {
    throw new HandshakeError("PLUGIN_CLIENT_CERT holds no certificate in PEM form.", { cause: error });
  }
}

function readPort(environment: Environment, name: string): number {
  const text = environment[name] || "0";
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new HandshakeError(`${name} must be a port number.`);
  return port;
}
