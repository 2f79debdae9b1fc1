import { setTimeout as pause } from "node:timers/promises";
import type { DriverWrite, SecretStoreDriver } from "../driver.ts";
import { entryTokenTexts } from "../entry-owner.ts";
import { conflict, occupied, requireReplaceable, type StoredEntry } from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import type { AzureAccess } from "./azure-access.ts";
import {
  type AzureVersion,
  azureNames,
  describeAzureEntry,
  findLast,
  findNewest,
  tagsOfOthers,
} from "./azure-entry.ts";
import type { AzureSecret } from "./azure-secret.ts";

/** How often a write is repeated: another one of the same token came within the same second, or Azure was busy with the name. */
const maxRepetitions = 60;
/** How long to wait before asking again, in milliseconds. */
const pauseMs = 250;
/** How many tags Azure takes. */
const maxTags = 15;

/** Keeps a token's secrets as versions of one name. */
export class AzureDriver implements SecretStoreDriver {
  readonly destination: string;
  readonly #secret: AzureSecret;
  readonly #disableAfterMs: number | undefined;

  constructor(secret: AzureSecret, access: AzureAccess, destination: string) {
    this.#secret = secret;
    this.#disableAfterMs = access.disableOldVersionsAfterMs;
    this.destination = destination;
  }

  async describe(signal: AbortSignal): Promise<StoredEntry | undefined> {
    return describeAzureEntry(await this.#secret.listVersions(signal));
  }

  /** Azure has no condition for a write, so it is looked before and after. */
  async write(secret: string, { signal, ...write }: DriverWrite): Promise<{ readonly version: string }> {
    let conditions: Omit<DriverWrite, "signal"> = write;
    for (let repetition = 0; repetition <= maxRepetitions; repetition += 1) {
      const before = await this.#secret.listVersions(signal);
      requireReplaceable(this.destination, describeAzureEntry(before), conditions);
      await this.#disableOldVersions(before, signal);
      const version = await this.#secret.addVersion(secret, this.#newVersion(before, write), signal);
      if (version === undefined) {
        const replacing = await this.#recover(signal);
        conditions = { ...write, expecting: undefined, replacing: replacing ?? conditions.replacing };
        continue;
      }
      const outcome = judge(before, await this.#secret.listVersions(signal), version, write);
      if (outcome === "written") return { version };
      if (outcome === "lost") throw conflict(this.destination);
      conditions = { ...conditions, expecting: undefined };
      await pause(Math.random() * pauseMs, undefined, { signal });
    }
    throw conflict(this.destination);
  }

  #newVersion(before: readonly AzureVersion[], write: Omit<DriverWrite, "signal">) {
    const newest = findNewest(before) ?? findLast(before);
    const tags = {
      ...tagsOfOthers(newest),
      ...entryTokenTexts(write),
      [azureNames.fingerprint]: write.fingerprint,
      [azureNames.sequence]: String(before.length + 1),
    };
    if (Object.keys(tags).length > maxTags) {
      const message = `${this.destination} has so many tags that ours do not fit: Azure allows ${maxTags}. Remove some.`;
      throw new SecretStoreError("secret_store_invalid_argument", this.destination, message);
    }
    const expiresOn = write.expiresAt === undefined ? undefined : new Date(write.expiresAt);
    return { tags, contentType: newest?.contentType ?? "text/plain", expiresOn };
  }

  /**
   * Recovers the name when it was deleted with a secret of ours, and gives that token, whose entry may be replaced. What somebody
   * else is deleting or recovering at this moment is waited for.
   */
  async #recover(signal: AbortSignal): Promise<string | undefined> {
    const deleted = await this.#secret.findDeleted(signal);
    const owner = deleted === undefined ? undefined : describeAzureEntry([deleted]);
    if (owner !== undefined && owner.apiTokenId === undefined) throw deletedByOthers(this.destination);
    if (owner === undefined) await pause(pauseMs, undefined, { signal });
    else await this.#secret.recover(signal);
    while (owner !== undefined && (await this.#secret.listVersions(signal)).length === 0)
      await pause(pauseMs, undefined, { signal });
    return owner?.apiTokenId;
  }

  /** Disables versions of ours that were replaced long ago. */
  async #disableOldVersions(versions: readonly AzureVersion[], signal: AbortSignal): Promise<void> {
    const afterMs = this.#disableAfterMs;
    if (afterMs === undefined) return;
    const times = versions.map(({ createdAtMs }) => createdAtMs).toSorted((one, other) => one - other);
    for (const version of versions) {
      const replacedAtMs = times.find((atMs) => atMs > version.createdAtMs);
      const isOld = replacedAtMs !== undefined && Date.now() - replacedAtMs > afterMs;
      const isOurs = describeAzureEntry([version])?.apiTokenId !== undefined;
      if (isOld && isOurs && version.isEnabled && version !== findNewest(versions))
        await this.#secret.disableVersion(version, signal);
    }
  }

  async delete(apiTokenId: string, signal: AbortSignal) {
    const entry = await this.describe(signal);
    if (entry === undefined) return "absent";
    return entry.apiTokenId === apiTokenId ? this.#secret.delete(signal) : "not_ours";
  }

  read(signal: AbortSignal): Promise<string | undefined> {
    return this.#secret.read(signal);
  }

  /** Azure does not tell whether one has a right. */
  async checkWritable(signal: AbortSignal): Promise<void> {
    const entry = await this.describe(signal);
    if (entry !== undefined && entry.apiTokenId === undefined) throw occupied(this.destination, entry);
    if (entry !== undefined) return;
    const deleted = await this.#secret.findDeleted(signal);
    if (deleted !== undefined && describeAzureEntry([deleted])?.apiTokenId === undefined)
      throw deletedByOthers(this.destination);
  }

  /** The client keeps nothing open. */
  async close(): Promise<void> {}
}

/**
 * What became of a version: written, lost to another token or another writer, or unclear. Of several writers of one token that
 * cannot be told apart by time, it is unclear to one, which writes again; and so it is when the client has sent the same again.
 */
function judge(
  before: readonly AzureVersion[],
  after: readonly AzureVersion[],
  id: string,
  { apiTokenId, fingerprint, expecting }: Pick<DriverWrite, "apiTokenId" | "fingerprint" | "expecting">,
): "written" | "lost" | "unclear" {
  const known = new Set([id, ...before.map((version) => version.id)]);
  const unseen = after.filter((version) => !known.has(version.id));
  if (unseen.length === 0) return "written";
  if (unseen.every(({ tags }) => tags[azureNames.fingerprint] === fingerprint)) return "unclear";
  const isOfTheToken = unseen.every(({ tags }) => tags[azureNames.apiTokenId] === apiTokenId);
  if (!isOfTheToken || expecting !== undefined) return "lost";
  const newest = findNewest(after);
  if (newest === undefined && findLast(after)?.id === id) return "unclear";
  return newest?.id === id ? "written" : "lost";
}

function deletedByOthers(destination: string): SecretStoreError {
  const message = `${destination} was deleted, and what was deleted is not of orgtokens. Choose another name, or recover or purge it: az keyvault secret recover, az keyvault secret purge.`;
  return new SecretStoreError("secret_store_occupied", destination, message);
}
