import type { DriverWrite, SecretStoreDriver } from "../driver.ts";
import { entryTokenOf } from "../entry-owner.ts";
import {
  createSecretStore,
  occupied,
  requireReplaceable,
  type SecretStore,
  type StoredEntry,
} from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import type { GitHubAccess } from "./github-access.ts";
import { GitHubConnection } from "./github-connection.ts";
import { describeGitHubEntry, type GitHubEntry, type GitHubMark } from "./github-entry.ts";
import { gitHubLevelOf } from "./github-level.ts";
import { type GitHubWork, withGitHubLock } from "./github-lock.ts";
import { type GitHubActionsPlace, gitHubActionsDestination, requireGitHubPlace } from "./github-place.ts";
import { GitHubSecret, gitHubClockMs } from "./github-secret.ts";
import { GitHubVariable } from "./github-variable.ts";

/** Which secret, and how GitHub is reached. */
export type GitHubActionsSecretStoreOptions = GitHubAccess & GitHubActionsPlace;

/**
 * Opens a secret of GitHub Actions. GitHub gives no secret back and keeps nothing beside it, so a variable `NAME_ORGTOKENS` of the
 * same level says whose it is, its fingerprint, and when GitHub says that it was written: a secret that was written at another
 * time is somebody else's.
 *
 * @throws SecretStoreError `secret_store_invalid_argument` when a name, the address or the credentials cannot be used.
 */
export function openGitHubActionsSecretStore(options: GitHubActionsSecretStoreOptions): SecretStore {
  const destination = gitHubActionsDestination(options);
  requireGitHubPlace(options, destination);
  return createSecretStore(new GitHubActionsDriver(options, destination));
}

class GitHubActionsDriver implements SecretStoreDriver {
  readonly destination: string;
  readonly #connection: GitHubConnection;
  readonly #secret: GitHubSecret;
  readonly #lock: GitHubVariable;

  constructor(options: GitHubActionsSecretStoreOptions, destination: string) {
    this.destination = destination;
    const level = gitHubLevelOf(options);
    this.#connection = new GitHubConnection(options, level, destination);
    this.#secret = new GitHubSecret(this.#connection, level, options, destination);
    this.#lock = new GitHubVariable(this.#connection, level, `${options.name.toUpperCase()}_ORGTOKENS_LOCK`);
  }

  async describe(signal: AbortSignal): Promise<StoredEntry | undefined> {
    return describeGitHubEntry(await this.#secret.find(signal));
  }

  /** Marks the place as the token's, without a fingerprint; writes the secret; says which it is and of when. */
  write(secret: string, { signal, ...write }: DriverWrite) {
    return withGitHubLock(this.#lock, this.destination, signal, async (work) => {
      const entry = await this.#secret.find(signal);
      requireReplaceable(this.destination, describeGitHubEntry(entry), write);
      const version = (entry.mark?.version ?? 0) + 1;
      const mark = { ...entryTokenOf(write), version: version - 1 };
      if (mustMark(entry, write.apiTokenId)) await this.#secret.setMark(mark, entry, signal);
      const updatedAt = await this.#put(secret, entry, work, signal);
      const written = { fingerprint: write.fingerprint, updatedAt };
      await this.#secret.setMark({ ...mark, version, written }, { text: "" }, signal);
      return { version: String(version) };
    });
  }

  async #put(secret: string, entry: GitHubEntry, work: GitHubWork, signal: AbortSignal): Promise<string> {
    work.doubt();
    try {
      const updatedAt = await this.#secret.put(secret, entry, signal);
      work.settle();
      return updatedAt;
    } catch (error) {
      // GitHub has answered: nothing is on its way any more.
      if (error instanceof SecretStoreError && error.code !== "secret_store_unreachable") work.settle();
      if (error instanceof SecretStoreError && error.code === "secret_store_refused")
        await this.#secret.restoreMark(entry, signal);
      throw error;
    }
  }

  async delete(apiTokenId: string, signal: AbortSignal) {
    const outcome = judgeDeletion(describeGitHubEntry(await this.#secret.find(signal)), apiTokenId);
    if (outcome !== "deleted") return outcome;
    return withGitHubLock(this.#lock, this.destination, signal, async () => {
      const again = judgeDeletion(describeGitHubEntry(await this.#secret.find(signal)), apiTokenId);
      if (again === "deleted") await this.#secret.delete(signal);
      return again;
    });
  }

  /** Of a token that was given, GitHub does not tell what it may do. */
  async checkWritable(signal: AbortSignal): Promise<void> {
    const entry = describeGitHubEntry(await this.#secret.find(signal));
    if (entry !== undefined && entry.apiTokenId === undefined) throw occupied(this.destination, entry);
    await this.#connection.requireWriteRights(signal);
  }

  async close(): Promise<void> {}
}

/**
 * Whether the mark must be written before the secret. Not when it is the token's and names a secret that was written in another
 * second than ours will be: then GitHub's time says by itself that it is another secret.
 */
function mustMark(
  { mark, atMs }: { readonly mark: GitHubMark | undefined; readonly atMs: number },
  apiTokenId: string,
) {
  if (mark?.apiTokenId !== apiTokenId) return true;
  return mark.written !== undefined && atMs - Date.parse(mark.written.updatedAt) <= gitHubClockMs;
}

function judgeDeletion(entry: StoredEntry | undefined, apiTokenId: string): "deleted" | "absent" | "not_ours" {
  if (entry === undefined) return "absent";
  return entry.apiTokenId === apiTokenId ? "deleted" : "not_ours";
}
