import { readBody } from "../../read-body.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import type { VaultAccess } from "./vault-access.ts";
import { fetchTransport, secureTransport, VaultTlsError, type VaultTransport } from "./vault-transport.ts";

/** One call of the HTTP API. */
export type VaultCall = {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below `/v1/`, already encoded. */
  readonly path: string;
  readonly body?: object | undefined;
  readonly token?: string;
  readonly namespace?: string | undefined;
  /** What the call is about, for errors. */
  readonly destination: string;
  readonly signal: AbortSignal;
};

/** An answer of Vault. `body` is parsed JSON; undefined when there is none, or the answer is a failure that says nothing in JSON. */
export type VaultAnswer = { readonly status: number; readonly body: unknown };

/** The longest answer that is read, in bytes. Metadata of an entry with many versions has some 10 KiB. */
const maxBodyBytes = 4 * 1024 * 1024;

/** Speaks HTTP with Vault. What Vault says in words is not passed on: it could quote a value. */
export class VaultHttp {
  readonly #address: string;
  readonly #timeoutMs: number | undefined;
  readonly #transport: VaultTransport;
  #aheadMs = 0;

  /** @throws SecretStoreError `secret_store_invalid_argument` */
  constructor({ address, timeoutMs, fetch: send, tls, proxyEnvironment }: VaultAccess, destination: string) {
    const url = URL.parse(address);
    if (url === null || !["http:", "https:"].includes(url.protocol) || url.username !== "" || url.password !== "") {
      const message = "The address of Vault must be an http or https URL, without user or password.";
      throw new SecretStoreError("secret_store_invalid_argument", destination, message);
    }
    this.#address = address.replace(/\/+$/, "");
    this.#timeoutMs = timeoutMs;
    const isOrdinary = tls === undefined && proxyEnvironment === undefined;
    const secure = {
      ...(tls && { tls }),
      ...(proxyEnvironment && { proxyEnvironment }),
    };
    this.#transport = send !== undefined || isOrdinary ? fetchTransport(send ?? fetch) : secureTransport(secure);
  }

  /** Scheme, host and port, for messages. */
  get origin(): string {
    return new URL(this.#address).origin;
  }

  /** The time of Vault, as its last answer told it. */
  now(): Date {
    return new Date(Date.now() + this.#aheadMs);
  }

  /** @throws SecretStoreError when nothing answers, or what answers is no Vault; the signal's reason. */
  async send(call: VaultCall): Promise<VaultAnswer> {
    const response = await this.#fetch(call);
    const date = Date.parse(response.headers.get("date") ?? "");
    // It is cut to the second; what has ended by Vault's own clock must not seem to lie ahead.
    if (!Number.isNaN(date)) this.#aheadMs = date + 999 - Date.now();
    const { status } = response;
    if (status >= 300 && status < 400) {
      await response.body?.cancel();
      return { status, body: undefined };
    }
    return {
      status,
      body: this.#parse(await this.#read(response, call), response.ok, call),
    };
  }

  /** Gives up the connections that are kept for the next request. */
  close(): void {
    this.#transport.close();
  }

  async #fetch({ method, path, body, token, namespace, destination, signal }: VaultCall): Promise<Response> {
    const limit = this.#timeoutMs === undefined ? [] : [AbortSignal.timeout(this.#timeoutMs)];
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    try {
      return await this.#transport.send(`${this.#address}/v1/${path}`, {
        method,
        headers: {
          "X-Vault-Request": "true",
          ...(token === undefined ? {} : { "X-Vault-Token": token }),
          ...(namespace === undefined ? {} : { "X-Vault-Namespace": namespace }),
          ...(body === undefined ? {} : { "Content-Type": type }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, ...limit]),
      });
    } catch (error) {
      signal.throwIfAborted();
      throw this.#explain(error, destination);
    }
  }

  #explain(error: unknown, destination: string): SecretStoreError {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    if (error instanceof VaultTlsError || /ERR_OSSL|ERR_CRYPTO|ERR_TLS_(?!CERT)/.test(code)) {
      const why = error instanceof VaultTlsError ? error.message : `They must be PEM, and belong together${code}.`;
      const message = `The certificates or the key for Vault cannot be used. ${why}`;
      return new SecretStoreError("secret_store_invalid_argument", destination, message);
    }
    const message = `Vault at ${this.origin} does not answer${code}. Check the address, that it runs, and the certificate of its authority.`;
    // Without a cause: it can quote a proxy's address, with user and password.
    return new SecretStoreError("secret_store_unreachable", destination, message);
  }

  async #read(response: Response, { destination, signal }: VaultCall): Promise<string> {
    try {
      return new TextDecoder().decode(await readBody(response, maxBodyBytes));
    } catch (error) {
      signal.throwIfAborted();
      const message = `The answer of Vault at ${this.origin} broke off.`;
      throw new SecretStoreError("secret_store_unreachable", destination, message, { cause: error });
    }
  }

  #parse(text: string, isOk: boolean, { destination }: VaultCall): unknown {
    if (text === "") return undefined;
    try {
      const parsed: unknown = JSON.parse(text);
      return parsed;
    } catch {
      // A proxy in front of Vault explains its own failures in HTML.
      if (!isOk) return undefined;
      // Without the cause: it quotes the answer, which can hold the secret.
      const message = `What answers at ${this.origin} is no Vault: its answer is not JSON.`;
      throw new SecretStoreError("secret_store_failed", destination, message);
    }
  }
}
