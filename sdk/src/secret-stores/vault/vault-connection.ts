import { SecretStoreError } from "../secret-store-error.ts";
import type { VaultAccess } from "./vault-access.ts";
import { encodePath, isTemporary, member } from "./vault-answer.ts";
import type { VaultAnswer, VaultCall } from "./vault-http.ts";
import { unavailable } from "./vault-login.ts";
import { VaultSession } from "./vault-session.ts";

/** Speaks Vault's HTTP API about one place. What Vault says in words is not passed on: it could quote a value. */
export class VaultConnection {
  readonly #session: VaultSession;
  readonly #isOwnSession: boolean;
  readonly #destination: string;

  /** @throws SecretStoreError `secret_store_invalid_argument` */
  constructor(access: VaultAccess, destination: string) {
    this.#isOwnSession = access.sessions === undefined;
    this.#session = access.sessions?.of(access, destination) ?? new VaultSession(access, destination);
    this.#destination = destination;
  }

  /**
   * Sends a request.
   *
   * @param path below `/v1/`, already encoded.
   * @param expected statuses besides 2xx that the caller deals with.
   * @throws SecretStoreError for every other answer, and for none.
   */
  async send(
    method: VaultCall["method"],
    path: string,
    body: object | undefined,
    signal: AbortSignal,
    expected: readonly number[] = [],
  ): Promise<VaultAnswer> {
    const answer = await this.#session.send({
      method,
      path,
      body,
      signal,
      destination: this.#destination,
    });
    const isFine = answer.status >= 200 && answer.status < 300;
    if (!isFine && !expected.includes(answer.status)) throw this.#explain(method, path, answer.status);
    return answer;
  }

  /** The time of Vault, by which versions end. */
  now(): Date {
    return this.#session.now();
  }

  /** Ends what was opened for this place alone. */
  async close(): Promise<void> {
    if (this.#isOwnSession) await this.#session.close();
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
   * Finds out, changing nothing, that a KV version 2 engine is mounted at `mount`: version 1 would take what is written here for
   * secrets of its own. Vault tells whoever has a policy on anything below the mount.
   *
   * @throws SecretStoreError `secret_store_not_found` also when it cannot be found out.
   */
  async requireEngine(mount: string, signal: AbortSignal): Promise<void> {
    const path = `sys/internal/ui/mounts/${encodePath(mount)}`;
    const told = await this.send("GET", path, undefined, signal, [400, 403, 404, 405]);
    const data = member(told.body, "data");
    const version = member(member(data, "options"), "version");
    if (told.status === 200 && version === "2") return;
    if (told.status === 200) throw this.#wrongEngine(mount, member(data, "type"), version);
    // 403: no such mount, or nothing in it that the token may do. Otherwise something in between does not let it through.
    const config =
      told.status === 403
        ? undefined
        : await this.send("GET", `${encodePath(mount)}/config`, undefined, signal, [400, 403, 404, 405]);
    if (member(member(config?.body, "data"), "cas_required") !== undefined) return;
    const message = `Vault has no KV version 2 engine at ${mount}, or none that its token may use. Check the mount, its version and the token's policy.`;
    throw this.#error("secret_store_not_found", message);
  }

  #wrongEngine(mount: string, type: unknown, version: unknown): SecretStoreError {
    const isVersion1 = (type === "kv" || type === "generic") && version !== "2";
    const message = isVersion1
      ? `The KV engine at ${mount} is version 1, which keeps neither metadata nor versions. Choose a KV version 2 engine, or make it one: vault kv enable-versioning ${mount} (bao kv enable-versioning ${mount}).`
      : `What is mounted at ${mount} is no KV version 2 engine. Choose one, or mount it.`;
    return this.#error("secret_store_not_found", message);
  }

  #explain(method: VaultCall["method"], path: string, status: number): SecretStoreError {
    const readable = decodeURIComponent(path);
    if (status === 403) return this.#refused(readable, capabilities[method]);
    if (status === 404) {
      const message = `Vault has nothing at ${readable} (404). Check that the mount exists and is a KV version 2 engine.`;
      return this.#error("secret_store_not_found", message);
    }
    if (status >= 300 && status < 400) {
      const message = `Vault at ${this.#session.origin} redirects (${status}). Set the address to the active node.`;
      return this.#error("secret_store_unreachable", message);
    }
    if (isTemporary(status)) return unavailable(this.#session.origin, status, this.#destination);
    return this.#error("secret_store_failed", `Vault refused ${method} ${readable} (${status}).`);
  }

  #refused(path: string, wanted: readonly string[]): SecretStoreError {
    const list = wanted.map((capability) => `"${capability}"`).join(", ");
    return this.#error(
      "secret_store_refused",
      `Vault's token may not do that (403), or is not valid. Its policy needs: path "${path}" { capabilities = [${list}] }.`,
    );
  }

  #error(code: SecretStoreError["code"], message: string): SecretStoreError {
    return new SecretStoreError(code, this.#destination, message);
  }
}

/** What a policy calls the right to a request. */
const capabilities = {
  GET: ["read"],
  POST: ["create", "update"],
  PATCH: ["patch"],
  DELETE: ["delete"],
} as const;
