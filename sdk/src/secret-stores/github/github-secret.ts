import { setTimeout as sleep } from "node:timers/promises";
import { conflict } from "../secret-store.ts";
import { memberOf } from "./github-answer.ts";
import type { GitHubConnection } from "./github-connection.ts";
import { formatMark, type GitHubEntry, type GitHubMark, type GitHubSecretState, parseMark } from "./github-entry.ts";
import type { GitHubLevel } from "./github-level.ts";
import type { GitHubActionsPlace } from "./github-place.ts";
import { GitHubVariable } from "./github-variable.ts";
import { type GitHubPublicKey, sealSecret } from "./sealed-box.ts";

/** How far two clocks of GitHub may be apart, in milliseconds; it tells times to the second. */
export const gitHubClockMs = 2000;
/** How often, and after how long, GitHub is asked again when it shows what was before our write. */
const [replicaTries, replicaMs] = [6, 400];
/** How many pages of selected repositories are read. */
const maxPages = 20;

/** One secret and the variable beside it. */
export class GitHubSecret {
  readonly #connection: GitHubConnection;
  readonly #level: GitHubLevel;
  readonly #place: GitHubActionsPlace;
  readonly #destination: string;
  readonly #path: { readonly path: string; readonly parameters: Readonly<Record<string, string>> };
  readonly #mark: GitHubVariable;

  constructor(connection: GitHubConnection, level: GitHubLevel, place: GitHubActionsPlace, destination: string) {
    this.#connection = connection;
    this.#level = level;
    this.#place = place;
    this.#destination = destination;
    const name = place.name.toUpperCase();
    this.#path = { path: "/secrets/{secret_name}", parameters: { secret_name: name } };
    this.#mark = new GitHubVariable(connection, level, `${name}_ORGTOKENS`);
  }

  /**
   * Both, from what GitHub shows to who may not even write.
   * @throws SecretStoreError `secret_store_not_found` when the level itself is not there: then nothing is known of the secret.
   */
  async find(signal: AbortSignal): Promise<GitHubEntry> {
    const [found, variable] = await Promise.all([this.#find(signal), this.#mark.find(signal)]);
    if (found.secret === undefined) await this.findPublicKey(signal);
    const text = variable?.value;
    return { secret: found.secret, text, mark: text === undefined ? undefined : parseMark(text), atMs: found.atMs };
  }

  /** @throws SecretStoreError `secret_store_not_found` when there is no such repository, environment or organization. */
  async findPublicKey(signal: AbortSignal): Promise<GitHubPublicKey> {
    const call = { method: "GET", path: "/secrets/public-key", permission: this.#level.secrets } as const;
    const { data } = await this.#connection.send(call, signal);
    const [keyId, key] = [memberOf(data, "key_id"), memberOf(data, "key")];
    if (typeof keyId === "string" && typeof key === "string") return { keyId, key };
    throw this.#connection.error("secret_store_failed", "What answers is no GitHub: it has no public key for secrets.");
  }

  /** Says whose the place is, and which secret it has; creates or replaces the variable. */
  async setMark(mark: GitHubMark, entry: Pick<GitHubEntry, "text">, signal: AbortSignal): Promise<void> {
    if (entry.text !== undefined) return this.#mark.update(formatMark(mark), signal);
    if (!(await this.#mark.create(formatMark(mark), signal))) throw conflict(this.#destination);
  }

  /** Puts the variable back as it was: nothing was written. */
  async restoreMark({ text }: GitHubEntry, signal: AbortSignal): Promise<void> {
    if (text === undefined) await this.#mark.delete(signal);
    else await this.#mark.update(text, signal);
  }

  /**
   * Writes the secret, which was as `entry` says before.
   * @returns when GitHub says that it was written.
   * @throws SecretStoreError `secret_store_conflict` when somebody else wrote it since.
   */
  async put(secret: string, { secret: before, atMs }: GitHubEntry, signal: AbortSignal): Promise<string> {
    const publicKey = await this.findPublicKey(signal);
    const parameters = {
      ...this.#path.parameters,
      encrypted_value: await sealSecret(secret, publicKey, this.#destination),
      key_id: publicKey.keyId,
      ...(await this.#visibility(before, signal)),
    };
    const put = { method: "PUT", ...this.#path, parameters, permission: this.#level.secrets } as const;
    const written = await this.#connection.send(put, signal);
    if ((written.status === 201) !== (before === undefined)) throw conflict(this.#destination);
    for (let attempt = 1; attempt <= replicaTries; attempt += 1) {
      const { secret: after } = await this.#find(signal);
      const updatedAtMs = Date.parse(after?.updatedAt ?? "");
      if (updatedAtMs > written.atMs + gitHubClockMs) throw conflict(this.#destination);
      if (after !== undefined && updatedAtMs >= atMs - gitHubClockMs) return after.updatedAt;
      await sleep(replicaMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
    throw this.#connection.error("secret_store_unreachable", "GitHub does not show yet that the secret was written.");
  }

  /** The secret, and then what says whose it was. */
  async delete(signal: AbortSignal): Promise<void> {
    const call = { method: "DELETE", ...this.#path, permission: this.#level.secrets, expected: [404] } as const;
    await this.#connection.send(call, signal);
    await this.#mark.delete(signal);
  }

  async #find(signal: AbortSignal): Promise<{ readonly secret: GitHubSecretState | undefined; readonly atMs: number }> {
    const call = { method: "GET", ...this.#path, permission: this.#level.secrets, expected: [404] } as const;
    const { status, data, atMs } = await this.#connection.send(call, signal);
    if (status === 404) return { secret: undefined, atMs };
    const [updatedAt, visibility] = [memberOf(data, "updated_at"), memberOf(data, "visibility")];
    if (typeof updatedAt !== "string")
      throw this.#connection.error(
        "secret_store_failed",
        "What answers is no GitHub: it does not say of when a secret is.",
      );
    return { secret: { updatedAt, visibility: typeof visibility === "string" ? visibility : undefined }, atMs };
  }

  /** Who may use an organization's secret: as the place says, else as it was, else repositories that are private. */
  async #visibility(before: GitHubSecretState | undefined, signal: AbortSignal) {
    if (this.#place.repository !== undefined) return {};
    const visibility = this.#place.visibility ?? before?.visibility ?? "private";
    if (visibility !== "selected") return { visibility };
    const given = this.#place.selectedRepositoryIds;
    return { visibility, selected_repository_ids: given ?? (await this.#listSelected(before, signal)) };
  }

  async #listSelected(before: GitHubSecretState | undefined, signal: AbortSignal): Promise<readonly number[]> {
    if (before?.visibility !== "selected") return [];
    const ids: number[] = [];
    for (let page = 1; page <= maxPages; page += 1) {
      const parameters = { ...this.#path.parameters, per_page: 100, page };
      const path = `${this.#path.path}/repositories`;
      const call = { method: "GET", path, parameters, permission: this.#level.secrets } as const;
      const { data } = await this.#connection.send(call, signal);
      const found = memberOf(data, "repositories");
      const repositories: readonly unknown[] = Array.isArray(found) ? found : [];
      ids.push(...repositories.map((one) => Number(memberOf(one, "id"))));
      if (repositories.length < 100) return ids;
    }
    const message = `The secret is shared with more than ${maxPages * 100} repositories. Set its visibility and its repositories.`;
    throw this.#connection.error("secret_store_failed", message);
  }
}
