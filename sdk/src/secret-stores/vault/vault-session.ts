import { SecretStoreError } from "../secret-store-error.ts";
import { untilAborted } from "../until-aborted.ts";
import type { VaultAccess } from "./vault-access.ts";
import { type VaultAnswer, type VaultCall, VaultHttp } from "./vault-http.ts";
import { logIn, parseGrant, read, type VaultGrant } from "./vault-login.ts";

/** What a place sends through a session. */
export type SessionCall = Omit<VaultCall, "token" | "namespace">;

/** How long a login may take, and what giving its token back may, in milliseconds. */
const loginMs = 20_000;
const revokeMs = 5000;
/** The part of a lease after which it is renewed. */
const renewalPoint = 2 / 3;

/**
 * Who we are at Vault, for any number of places: one login, whose token is renewed while it is used, got again when it has ended
 * early, and revoked by {@link VaultSession.close}. Neither token nor credentials are seen from outside.
 */
export class VaultSession {
  readonly #access: VaultAccess;
  readonly #http: VaultHttp;
  readonly #now: () => number;
  #granted: { readonly grant: Promise<VaultGrant>; readonly sinceMs: number } | undefined;
  /** Whether a token that is refused everything is dead: where the policy `default` is missing it may be alive. */
  #canTellDead = true;

  /** @throws SecretStoreError `secret_store_invalid_argument` for an address or a token that cannot be one, or not one way to be somebody. */
  constructor(access: VaultAccess, destination = access.address) {
    this.#access = access;
    this.#now = access.now ?? Date.now;
    this.#http = new VaultHttp(access, destination);
    const ways = [access.token, access.tokenFile, access.login].filter((way) => way !== undefined);
    if (ways.length !== 1) {
      const message = "Exactly one of a token, a file of a token and a login must be given for Vault.";
      throw new SecretStoreError("secret_store_invalid_argument", destination, message);
    }
    if (access.token !== undefined) requireToken(access.token, destination);
  }

  /** Scheme, host and port of Vault, for messages. */
  get origin(): string {
    return this.#http.origin;
  }

  /** The time of Vault. */
  now(): Date {
    return this.#http.now();
  }

  /** Sends a call with the session's token. @throws SecretStoreError when there is none to be had, or no answer. */
  async send(call: SessionCall): Promise<VaultAnswer> {
    const { token } = await this.#grant(call);
    const granted = this.#granted;
    const answer = await this.#sendAs(token, call);
    if (answer.status !== 403 || !(await this.#isDead(token, call))) return answer;
    if (this.#granted === granted) this.#granted = undefined;
    const again = await this.#grant(call);
    const second = await this.#sendAs(again.token, call);
    if (second.status === 403 && (await this.#isDead(again.token, call))) this.#canTellDead = false;
    return second;
  }

  /** Revokes the token of a login, and gives up connections. A token that was given is its owner's. */
  async close(): Promise<void> {
    const granted = this.#granted;
    this.#granted = undefined;
    const grant = await granted?.grant.catch(() => undefined);
    if (grant !== undefined && this.#access.login !== undefined) await this.#revoke(grant.token);
    this.#http.close();
  }

  #sendAs(token: string, call: SessionCall): Promise<VaultAnswer> {
    return this.#http.send({
      ...call,
      token,
      namespace: this.#access.namespace,
    });
  }

  /** The token's grant, made once for all who ask at the same time. */
  async #grant({ destination, signal }: SessionCall): Promise<VaultGrant> {
    const granted = this.#granted;
    const isDue = granted !== undefined && (await this.#isDue(granted.grant, granted.sinceMs));
    if (this.#granted === undefined || (isDue && this.#granted === granted)) {
      const grant = this.#obtain(destination, isDue ? await granted?.grant : undefined);
      this.#granted = { grant, sinceMs: this.#now() };
      grant.catch(() => {
        if (this.#granted?.grant === grant) this.#granted = undefined;
      });
    }
    return untilAborted(this.#granted.grant, signal);
  }

  async #isDue(granted: Promise<VaultGrant>, sinceMs: number): Promise<boolean> {
    const { leaseMs } = (await granted.catch(() => undefined)) ?? {
      leaseMs: 0,
    };
    return leaseMs > 0 && this.#now() - sinceMs >= leaseMs * renewalPoint;
  }

  /** Not ended by any one caller: others wait for it, too. */
  async #obtain(destination: string, former: VaultGrant | undefined): Promise<VaultGrant> {
    const { token, tokenFile, login } = this.#access;
    const signal = AbortSignal.timeout(loginMs);
    if (token !== undefined) return { token, leaseMs: 0, isRenewable: false };
    if (login === undefined) {
      const found = await read(tokenFile ?? "", destination);
      requireToken(found, destination);
      return { token: found, leaseMs: 0, isRenewable: false };
    }
    const renewed = former?.isRenewable ? await this.#renew(former, destination, signal) : undefined;
    return (
      renewed ??
      logIn(login, {
        http: this.#http,
        access: this.#access,
        destination,
        signal,
      })
    );
  }

  /** Undefined when the token is dead, or so near the most that it may live that another one is better. */
  async #renew(former: VaultGrant, destination: string, signal: AbortSignal): Promise<VaultGrant | undefined> {
    const call = {
      method: "POST",
      path: "auth/token/renew-self",
      destination,
      signal,
    } as const;
    const grant = parseGrant((await this.#sendAs(former.token, call).catch(() => undefined))?.body);
    const { token, firstLeaseMs = former.leaseMs } = former;
    if (grant === undefined || grant.leaseMs < firstLeaseMs * (1 - renewalPoint)) return undefined;
    return { ...grant, token, firstLeaseMs };
  }

  async #isDead(token: string, { destination, signal }: SessionCall): Promise<boolean> {
    if (this.#access.login === undefined || !this.#canTellDead) return false;
    const call = {
      method: "GET",
      path: "auth/token/lookup-self",
      destination,
      signal,
    } as const;
    return (await this.#sendAs(token, call)).status === 403;
  }

  async #revoke(token: string): Promise<void> {
    const signal = AbortSignal.timeout(revokeMs);
    const call = {
      method: "POST",
      path: "auth/token/revoke-self",
      destination: this.origin,
      signal,
    } as const;
    // It ends by itself otherwise; nobody can do anything about it here.
    await this.#sendAs(token, call).catch(() => undefined);
  }
}

function requireToken(token: string, destination: string): void {
  if (/^[!-~]{1,4096}$/.test(token)) return;
  const message = "The token of Vault must be printable characters without spaces.";
  throw new SecretStoreError("secret_store_invalid_argument", destination, message);
}
