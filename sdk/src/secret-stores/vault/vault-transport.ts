import { readdir, readFile } from "node:fs/promises";
import { type IncomingMessage, Agent as PlainAgent, request as sendPlain } from "node:http";
import { type AgentOptions, Agent as SecureAgent, request as sendSecure } from "node:https";
import { join } from "node:path";
import process from "node:process";
import type { VaultTls } from "./vault-access.ts";

/** One request. */
export type VaultRequest = {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
};

/** Sends requests as `fetch` does, and gives up what it keeps open. */
export type VaultTransport = {
  send(url: string, request: VaultRequest): Promise<Response>;
  close(): void;
};

/** Files or settings for TLS that cannot be used. The message says which, and quotes nothing of them. */
export class VaultTlsError extends Error {
  override readonly name = "VaultTlsError";
}

type TransportOptions = {
  readonly tls?: VaultTls;
  readonly proxyEnvironment?: Readonly<Record<string, string>>;
};

/** Sends by `fetch`, which follows no redirect. */
export function fetchTransport(send: typeof fetch): VaultTransport {
  return {
    send: (url, request) => send(url, { ...request, redirect: "manual" }),
    close: () => undefined,
  };
}

/**
 * Sends by Node's own modules, because `fetch` takes neither authorities nor a client certificate. Follows no redirect. Files are
 * read at the first request.
 */
export function secureTransport({ tls = {}, proxyEnvironment }: TransportOptions): VaultTransport {
  const proxy = proxyEnvironment === undefined ? {} : { proxyEnv: { ...proxyEnvironment } };
  let agents: Promise<{ readonly plain: PlainAgent; readonly secure: SecureAgent }> | undefined;
  const open = async () => ({
    plain: new PlainAgent({ keepAlive: true, ...proxy }),
    secure: new SecureAgent({
      keepAlive: true,
      ...proxy,
      ...(await readTls(tls)),
    }),
  });
  return {
    async send(url, request) {
      agents ??= open();
      const { plain, secure } = await agents.catch((error: unknown) => {
        agents = undefined;
        throw error;
      });
      return exchange(url, request, url.startsWith("https:") ? secure : plain);
    },
    close() {
      agents?.then(
        ({ plain, secure }) => {
          plain.destroy();
          secure.destroy();
        },
        () => undefined,
      );
    },
  };
}

function exchange(url: string, { body, ...options }: VaultRequest, agent: PlainAgent | SecureAgent): Promise<Response> {
  return new Promise((resolve, reject) => {
    const take = (message: IncomingMessage) => resolve(responseOf(message));
    const sent =
      agent instanceof SecureAgent
        ? sendSecure(url, { ...options, agent }, take)
        : sendPlain(url, { ...options, agent }, take);
    sent.once("error", reject);
    sent.end(body);
  });
}

function responseOf(message: IncomingMessage): Response {
  const status = message.statusCode ?? 0;
  const hasBody = ![204, 205, 304].includes(status);
  if (!hasBody) message.resume();
  const { date } = message.headers;
  const stream = hasBody ? bytesOf(message) : null;
  return new Response(stream, {
    status,
    headers: date === undefined ? {} : { date },
  });
}

/** What arrives, as the platform's own stream. */
function bytesOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = message[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const next = await chunks.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}

async function readTls(tls: VaultTls): Promise<AgentOptions> {
  const { caPem, caFile, caFolder, certificateFile, keyFile, serverName, skipVerify = false } = tls;
  const ca = caPem ?? (caFile === undefined ? await readFolder(caFolder) : await read(caFile));
  if (skipVerify) process.emitWarning("The certificate of Vault is not verified: anybody in between can read along.");
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificateFile === undefined ? {} : { cert: await read(certificateFile) }),
    ...(keyFile === undefined ? {} : { key: await read(keyFile) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(skipVerify ? { rejectUnauthorized: false } : {}),
  };
}

async function readFolder(folder: string | undefined): Promise<string[] | undefined> {
  if (folder === undefined) return undefined;
  const names = (await readdir(folder).catch((error: unknown) => explain(folder, error))).toSorted();
  const texts = await Promise.all(names.map((name) => read(join(folder, name))));
  return texts.filter((text) => text.includes("-----BEGIN CERTIFICATE-----"));
}

async function read(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: unknown) => explain(path, error));
}

function explain(path: string, error: unknown): never {
  const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
  throw new VaultTlsError(`${path} cannot be read${code}.`);
}
