import { readBody } from "../../read-body.ts";
import { SecretStoreError } from "../secret-store-error.ts";

/** How Vault is reached. */
export type VaultAccess = {
  /** Address, such as `https://vault:8200`. */
  readonly address: string;
  readonly token: string;
  readonly namespace?: string;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
};

/** An answer of Vault. `body` is parsed JSON; undefined when there is none. */
export type VaultAnswer = { readonly status: number; readonly body: unknown };

/** The longest answer that is read, in bytes. Metadata of an entry with many versions has some 10 KiB. */
const maxBodyBytes = 4 * 1024 * 1024;

/** Speaks Vault's HTTP API about one place. What Vault says in words is not passed on: it could quote a value. */
export class VaultConnection {
  readonly #access: VaultAccess;
  readonly #destination: string;

  constructor(access: VaultAccess, destination: string) {
    this.#access = access;
    this.#destination = destination;
    const url = URL.parse(access.address);
    if (url === null || !["http:", "https:"].includes(url.protocol)) {
      throw this.#error("secret_store_invalid_argument", "The address of Vault must be an http or https URL.");
    }
    if (!/^[!-~]{1,4096}$/.test(access.token)) {
      throw this.#error(
        "secret_store_invalid_argument",
        "The token of Vault must be printable characters without spaces.",
      );
    }
  }

  /**
   * Sends a request.
   *
   * @param path below `/v1/`, already encoded.
   * @param expected statuses besides 2xx that the caller deals with.
   * @throws SecretStoreError for every other answer, and for none.
   */
  async send(
    method: "GET" | "POST" | "DELETE",
    path: string,
    body: unknown,
    signal: AbortSignal,
    expected: readonly number[] = [],
  ): Promise<VaultAnswer> {
    const response = await this.#fetch(method, path, body, signal);
    if (!response.ok && !expected.includes(response.status)) {
      await response.body?.cancel();
      throw this.#explain(method, path, response.status);
    }
    return { status: response.status, body: await this.#parse(response, signal) };
  }

  /**
   * Asks which capabilities the token has, where Vault tells.
   * @throws SecretStoreError `secret_store_refused` that names what is missing, as a policy would grant it.
   */
  async requireCapabilities(wanted: Readonly<Record<string, readonly string[]>>, signal: AbortSignal): Promise<void> {
    const paths = Object.keys(wanted).map((path) => decodeURIComponent(path));
    const { status, body } = await this.send("POST", "sys/capabilities-self", { paths }, signal, [400, 403, 404]);
    if (status !== 200 || typeof body !== "object" || body === null) return;
    const told = new Map<string, unknown>(Object.entries(body));
    for (const [path, capabilities] of Object.entries(wanted)) {
      const has = told.get(decodeURIComponent(path));
      if (!Array.isArray(has) || has.includes("root") || capabilities.every((capability) => has.includes(capability)))
        continue;
      throw this.#refused(decodeURIComponent(path), capabilities);
    }
  }

  /**
   * Finds out, where Vault tells, that a KV version 2 engine is mounted at `mount`.
   * @throws SecretStoreError `secret_store_not_found`
   */
  async requireEngine(mount: string, signal: AbortSignal): Promise<void> {
    const path = `sys/internal/ui/mounts/${mount.split("/").map(encodeURIComponent).join("/")}`;
    const { status, body } = await this.send("GET", path, undefined, signal, [400, 403, 404]);
    // 403: no such mount, or nothing in it that the token may do.
    const isEngine = status === 403 ? false : status !== 200 || hasVersion2(body);
    if (isEngine) return;
    const message = `Vault has no KV version 2 engine at ${mount}, or none that its token may use. Check the mount, its version and the token's policy.`;
    throw this.#error("secret_store_not_found", message);
  }

  async #fetch(method: string, path: string, body: unknown, signal: AbortSignal): Promise<Response> {
    const { address, token, namespace, fetch: send = fetch } = this.#access;
    try {
      return await send(`${address.replace(/\/+$/, "")}/v1/${path}`, {
        method,
        headers: {
          "X-Vault-Token": token,
          "X-Vault-Request": "true",
          ...(namespace === undefined ? {} : { "X-Vault-Namespace": namespace }),
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: "manual",
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw this.#error(
        "secret_store_unreachable",
        `Vault at ${this.#origin()} does not answer. Check the address, and that it runs.`,
        error,
      );
    }
  }

  async #parse(response: Response, signal: AbortSignal): Promise<unknown> {
    const text = await this.#read(response, signal);
    if (text === "") return undefined;
    try {
      const parsed: unknown = JSON.parse(text);
      return parsed;
    } catch {
      // Without the cause: it quotes the answer, which can hold the secret.
      throw this.#error(
        "secret_store_failed",
        `What answers at ${this.#origin()} is no Vault: its answer is not JSON.`,
      );
    }
  }

  async #read(response: Response, signal: AbortSignal): Promise<string> {
    try {
      return new TextDecoder().decode(await readBody(response, maxBodyBytes));
    } catch (error) {
      signal.throwIfAborted();
      throw this.#error("secret_store_unreachable", `The answer of Vault at ${this.#origin()} broke off.`, error);
    }
  }

  #explain(method: string, path: string, status: number): SecretStoreError {
    const readable = decodeURIComponent(path);
    if (status === 403)
      return this.#refused(
        readable,
        method === "GET" ? ["read"] : method === "DELETE" ? ["delete"] : ["create", "update"],
      );
    if (status === 404) {
      return this.#error(
        "secret_store_not_found",
        `Vault has nothing at ${readable} (404). Check that the mount exists and is a KV version 2 engine.`,
      );
    }
    if (status >= 300 && status < 400) {
      return this.#error(
        "secret_store_unreachable",
        `Vault at ${this.#origin()} redirects (${status}). Set the address to the active node.`,
      );
    }
    if (status === 429 || status >= 500) {
      return this.#error(
        "secret_store_unreachable",
        `Vault at ${this.#origin()} cannot answer now (${status}); it may be sealed or a standby.`,
      );
    }
    return this.#error("secret_store_failed", `Vault refused ${method} ${readable} (${status}).`);
  }

  #refused(path: string, capabilities: readonly string[]): SecretStoreError {
    const list = capabilities.map((capability) => `"${capability}"`).join(", ");
    return this.#error(
      "secret_store_refused",
      `Vault's token may not do that (403), or is not valid. Its policy needs: path "${path}" { capabilities = [${list}] }.`,
    );
  }

  #origin(): string {
    return new URL(this.#access.address).origin;
  }

  #error(code: SecretStoreError["code"], message: string, cause?: unknown): SecretStoreError {
    return new SecretStoreError(code, this.#destination, message, cause === undefined ? undefined : { cause });
  }
}

/** Whether a mount, as Vault describes it, is a KV version 2 engine. */
function hasVersion2(answer: unknown): boolean {
  const data = answer instanceof Object && "data" in answer ? answer.data : undefined;
  const options = data instanceof Object && "options" in data ? data.options : undefined;
  return options instanceof Object && "version" in options && options.version === "2";
}
