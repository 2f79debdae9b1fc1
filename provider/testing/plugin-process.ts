import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { createHostCertificate, type HostCertificate } from "./host-certificate.ts";
import type { PluginAddress } from "./plugin-connection.ts";

/** A program and its arguments. */
export type Command = readonly [program: string, ...parameters: string[]];

/** How a process ended. */
export interface PluginEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The one line a plugin writes to standard output. */
export interface Handshake extends PluginAddress {
  readonly line: string;
}

/** A provider's process, started as Terraform starts it. */
export interface PluginProcess extends AsyncDisposable {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Everything it wrote so far. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** Resolves when it has ended and its output is complete. */
  readonly ended: Promise<PluginEnd>;
  /**
   * Its handshake.
   *
   * @throws Error when it ends, or a minute passes, before it has made one
   */
  handshake(): Promise<Handshake>;
}

/** What Terraform waits for a handshake, in milliseconds. */
const handshakeMs = 60_000;
/** The cookie of every plugin host. It protects nothing: it tells a plugin that no person started it. */
const magicCookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/** The environment variables by which a host introduces itself to a plugin. */
export function hostEnvironment(certificate: HostCertificate = createHostCertificate()): NodeJS.ProcessEnv {
  return {
    TF_PLUGIN_MAGIC_COOKIE: magicCookie,
    PLUGIN_PROTOCOL_VERSIONS: "5,6",
    PLUGIN_CLIENT_CERT: certificate.certificatePem,
    PLUGIN_MIN_PORT: "10000",
    PLUGIN_MAX_PORT: "25000",
  };
}

/** Starts a process with exactly these environment variables; `onLog` hears its standard error. Disposing kills it. */
export function startPluginProcess(
  command: Command,
  environment: NodeJS.ProcessEnv,
  onLog: (text: string) => void = () => {},
): PluginProcess {
  const [program, ...parameters] = command;
  const child = spawn(program, parameters, { stdio: ["ignore", "pipe", "pipe"], env: environment });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
    onLog(text);
  });
  const ended = once(child, "close").then(([code, signal]): PluginEnd => ({ code, signal }));
  return {
    child,
    output,
    ended,
    async handshake() {
      const deadline = AbortSignal.timeout(handshakeMs);
      while (!output.stdout.includes("\n")) {
        const next = once(child.stdout, "data", { signal: deadline }).catch(() => undefined);
        const end = await Promise.race([next.then(() => undefined), ended]);
        if (end !== undefined || deadline.aborted) throw new Error(describeSilence(end, output.stderr));
      }
      return parseHandshake(output.stdout);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function describeSilence(end: PluginEnd | undefined, stderr: string): string {
  const what =
    end === undefined ? "made no handshake within a minute" : `ended (${end.code ?? end.signal}) without one`;
  return `The provider ${what}. It wrote:\n${stderr}`;
}

function parseHandshake(line: string): Handshake {
  const [, , network = "", address = "", , base64 = ""] = line.trim().split("|");
  const padded = `${base64}${"=".repeat(-base64.length & 3)}`;
  const certificatePem = `-----BEGIN CERTIFICATE-----\n${padded}\n-----END CERTIFICATE-----\n`;
  return { line, network, address, certificatePem };
}
