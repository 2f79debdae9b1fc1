import type { VaultAccess } from "./vault-access.ts";
import { VaultSession } from "./vault-session.ts";

/** Logins at Vault that outlive the places that use them: one for each way to reach it. Whoever made it closes it. */
export class VaultSessions {
  readonly #sessions = new Map<string, VaultSession>();

  /**
   * The session of an access, opened when it is first asked for.
   * @throws SecretStoreError `secret_store_invalid_argument`
   */
  of(access: VaultAccess, destination: string): VaultSession {
    const { address, namespace, token, tokenFile, login, tls, proxyEnvironment, timeoutMs } = access;
    const key = JSON.stringify([address, namespace, token, tokenFile, login, tls, proxyEnvironment, timeoutMs]);
    const session = this.#sessions.get(key) ?? new VaultSession(access, destination);
    this.#sessions.set(key, session);
    return session;
  }

  /** Revokes the tokens of all logins. */
  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(sessions.map((session) => session.close()));
  }
}
