import { createHash, randomInt } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { DriverWrite, SecretStoreDriver } from "../driver.ts";
import { fingerprintOf } from "../entry-metadata.ts";
import { entryTokenOf } from "../entry-owner.ts";
import { jsonText } from "../json-object.ts";
import { conflict, occupied, requireReplaceable, type StoredEntry } from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import { type EntryMark, formatEntryMark, labelTagOf, markTagOf, parseEntryMark } from "./aws-entry-mark.ts";
import { emptyText, type SecretMembers, SecretText } from "./aws-secret-text.ts";
import type { DescribedSecret, SecretsManagerConnection, SecretVersion } from "./aws-secrets-manager-connection.ts";

/** Says that we made the secret, so that it may go with the last of its keys. */
const createdTag = "orgtokens.created";
/** How often a write of one key begins anew because another key of the secret was written meanwhile. */
const maxAttempts = 20;

/** One secret, or one key of its JSON object, in AWS Secrets Manager. */
export class SecretsManagerDriver implements SecretStoreDriver {
  readonly destination: string;
  readonly #key: string | undefined;
  readonly #tag: string;
  readonly #text: SecretText;
  readonly #connection: SecretsManagerConnection;

  constructor(destination: string, key: string | undefined, connection: SecretsManagerConnection) {
    this.destination = destination;
    this.#key = key;
    this.#tag = markTagOf(key);
    this.#text = new SecretText(destination, key);
    this.#connection = connection;
  }

  async describe(signal: AbortSignal): Promise<StoredEntry | undefined> {
    return this.#describe(await this.#connection.describe(signal), signal);
  }

  /** Begins anew when another key of the secret was written meanwhile; when this one was, that is a conflict. */
  async write(secret: string, { signal, ...write }: DriverWrite) {
    let { expecting } = write;
    for (let attempt = 1; ; attempt += 1) {
      const found = await this.#connection.describe(signal);
      const entry = await this.#describe(found, signal);
      const outcome = await this.#tryWrite(secret, { ...write, expecting }, { found, entry }, signal);
      if (typeof outcome === "object") return outcome;
      if (this.#key === undefined || attempt === maxAttempts) throw conflict(this.destination);
      expecting ??= entry ?? "absent";
      // From here on the place has the mark that we have put there.
      if (outcome === "marked") expecting = { apiTokenId: write.apiTokenId };
      await wait(randomInt(20, 100 * attempt), undefined, { signal });
    }
  }

  /** Whoever else has marked or overwritten the secret before is deleted with it only if it is the token's. */
  async delete(apiTokenId: string, signal: AbortSignal) {
    for (let attempt = 1; ; attempt += 1) {
      const found = await this.#connection.describe(signal);
      const mark = this.#markOf(found);
      if (found === undefined || isVacant(found, mark)) return "absent";
      if (mark === undefined) return (await this.#describe(found, signal)) === undefined ? "absent" : "not_ours";
      if (mark.apiTokenId !== apiTokenId) return "not_ours";
      if (found.isScheduled) await this.#connection.restore(signal);
      if (await this.#tryDelete(found, mark, signal)) return "deleted";
      if (attempt === maxAttempts) throw conflict(this.destination);
      await wait(randomInt(20, 100 * attempt), undefined, { signal });
    }
  }

  async read(signal: AbortSignal): Promise<string | undefined> {
    const text = await this.#connection.value(undefined, signal);
    return text === undefined ? undefined : this.#text.secretIn(text);
  }

  async checkWritable(signal: AbortSignal): Promise<void> {
    const found = await this.#connection.describe(signal);
    this.#requireNoReplica(found);
    const entry = await this.#describe(found, signal);
    if (entry !== undefined && entry.apiTokenId === undefined) throw occupied(this.destination, entry);
    if (found !== undefined && !found.isScheduled) await this.#others(found, signal);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** A word when another version became the current one meanwhile: whether the place has been marked as the token's. */
  async #tryWrite(
    secret: string,
    write: Omit<DriverWrite, "signal">,
    { found: before, entry }: Seen,
    signal: AbortSignal,
  ): Promise<WriteOutcome> {
    const { apiTokenId, fingerprint } = write;
    let found = before;
    requireReplaceable(this.destination, entry, write);
    this.#requireNoReplica(found);
    const version = versionOf(this.destination, found?.currentVersion, write);
    const mark = { ...entryTokenOf(write), fingerprint, version, givenUp: undefined };
    const tags = formatEntryMark(this.#tag, mark, found?.tags);
    if (found === undefined) {
      const text = this.#text.compose(secret, {});
      const isCreated = await this.#connection.create({ version, text }, { ...tags, [createdTag]: "yes" }, signal);
      return isCreated ? { version } : "unmarked";
    }
    if (found.isScheduled) found = await this.#restore(found, signal);
    const text = this.#text.compose(secret, await this.#others(found, signal));
    const current = this.#markOf(found);
    const isMarked = current?.apiTokenId === apiTokenId && current.givenUp === undefined;
    if (!isMarked) await this.#mark(found, { ...mark, ...notWritten }, signal);
    if (!(await this.#replace(found.currentVersion, { version, text }, signal)))
      return isMarked ? "unmarked" : "marked";
    await this.#connection.tag(tags, signal);
    return { version };
  }

  /** Puts a version in the place of another, and of no other. */
  async #replace(from: string | undefined, next: SecretVersion, signal: AbortSignal): Promise<boolean> {
    await this.#connection.put(next, signal);
    if (from !== undefined && (await this.#connection.moveCurrent(from, next.version, signal))) return true;
    const current = (await this.#connection.describe(signal))?.currentVersion;
    // An answer that got lost is repeated, and then the version is the current one already.
    if (current === next.version) return true;
    if (current !== from) return false;
    const message = `AWS does not make the new version of ${this.destination} the current one.`;
    throw new SecretStoreError("secret_store_failed", this.destination, message);
  }

  /** Nothing of what was given up is left to be merged with. */
  async #restore(found: DescribedSecret, signal: AbortSignal): Promise<DescribedSecret> {
    await this.#connection.restore(signal);
    const givenUp = [...found.tags.keys()].filter((name) => name !== this.#tag && isGivenUp(found, name));
    const tags = givenUp.flatMap((name) => [name, labelTagOf(name)]);
    if (tags.length > 0) await this.#connection.untag(tags, signal);
    return { ...found, isScheduled: false };
  }

  async #tryDelete(found: DescribedSecret, mark: EntryMark, signal: AbortSignal): Promise<boolean> {
    const others = await this.#others(found, signal);
    const isOurs = found.tags.has(createdTag) && !found.hasReplicas;
    if (isOurs && Object.keys(others).length === 0) {
      await this.#mark(found, { ...mark, ...notWritten, version: found.currentVersion, givenUp: "deleted" }, signal);
      await this.#deleteWhole(found, mark, signal);
      return true;
    }
    return this.#key === undefined
      ? this.#empty(found, mark, signal)
      : this.#deleteKey(found, mark, jsonText(others), signal);
  }

  /** Where the right to delete is missing, nothing has changed: the mark is put back. */
  async #deleteWhole(found: DescribedSecret, mark: EntryMark, signal: AbortSignal): Promise<void> {
    try {
      await this.#connection.delete(signal);
    } catch (error) {
      const isRefused = error instanceof SecretStoreError && error.code === "secret_store_refused";
      if (isRefused) await this.#mark(found, mark, signal);
      throw error;
    }
  }

  async #deleteKey(found: DescribedSecret, mark: EntryMark, text: string, signal: AbortSignal): Promise<boolean> {
    const { currentVersion } = found;
    const version = versionOf(this.destination, currentVersion, { ...mark, fingerprint: "deleted" });
    if (currentVersion !== undefined && !(await this.#replace(currentVersion, { version, text }, signal))) return false;
    await this.#connection.untag([this.#tag, labelTagOf(this.#tag)], signal);
    return true;
  }

  /** A secret that somebody prepared stays, and loses only what we put into it. */
  async #empty(found: DescribedSecret, mark: EntryMark, signal: AbortSignal): Promise<boolean> {
    const { currentVersion } = found;
    let version = currentVersion;
    if (currentVersion !== undefined && isVersionOfOurs(currentVersion)) {
      version = versionOf(this.destination, currentVersion, { ...mark, fingerprint: "deleted" });
      if (!(await this.#replace(currentVersion, { version, text: emptyText }, signal))) return false;
      await this.#connection.forget(currentVersion, signal);
    }
    const isEmpty = version === undefined || isVersionOfOurs(version);
    if (isEmpty) await this.#mark(found, { ...mark, ...notWritten, version, givenUp: "emptied" }, signal);
    await this.#connection.untag([...(isEmpty ? [] : [this.#tag]), labelTagOf(this.#tag)], signal);
    return true;
  }

  /** AWS writes a replica itself. */
  #requireNoReplica(found: DescribedSecret | undefined): void {
    if (found?.primaryRegion === undefined) return;
    const message = `${this.destination} is a replica of the secret in ${found.primaryRegion}. Name that region.`;
    throw new SecretStoreError("secret_store_invalid_argument", this.destination, message);
  }

  async #mark({ tags }: DescribedSecret, mark: EntryMark, signal: AbortSignal): Promise<void> {
    await this.#connection.tag(formatEntryMark(this.#tag, mark, tags), signal);
  }

  /** The keys that are not this place's, as the current version has them. Without a key nothing is read. */
  async #others(found: DescribedSecret, signal: AbortSignal): Promise<SecretMembers> {
    if (this.#key === undefined || found.currentVersion === undefined) return {};
    if ([...found.tags.keys()].some((name) => isGivenUp(found, name))) return {};
    return this.#text.othersIn((await this.#connection.value(found.currentVersion, signal)) ?? "");
  }

  /** What our tag says; nothing when the place was given up and somebody else has used the secret since. */
  #markOf(found: DescribedSecret | undefined): EntryMark | undefined {
    if (found === undefined) return undefined;
    const mark = parseEntryMark(this.#tag, found.tags);
    return mark?.givenUp !== undefined && mark.version !== found.currentVersion ? undefined : mark;
  }

  async #describe(found: DescribedSecret | undefined, signal: AbortSignal): Promise<StoredEntry | undefined> {
    if (found === undefined) return undefined;
    const mark = this.#markOf(found);
    if (isVacant(found, mark)) return undefined;
    if (mark === undefined) return (await this.#isTaken(found, signal)) ? {} : undefined;
    const { fingerprint, version } = mark;
    const owner = entryTokenOf(mark);
    if (found.isScheduled || found.currentVersion === undefined) return owner;
    if (fingerprint === undefined || version === undefined) return owner;
    const isThere = version === found.currentVersion || (await this.#holds(fingerprint, found.currentVersion, signal));
    return isThere ? { ...owner, fingerprint, version } : owner;
  }

  /** Whether something that is not ours is in the place. Which keys a secret has, only its value says. */
  async #isTaken(found: DescribedSecret, signal: AbortSignal): Promise<boolean> {
    if (found.currentVersion === undefined) return false;
    if (found.isScheduled) return !found.tags.has(createdTag);
    if (this.#key === undefined) return true;
    return !this.#text.isFreeIn((await this.#connection.value(found.currentVersion, signal)) ?? "");
  }

  /** Whether a version that somebody wrote for other keys has our secret still. Without a key nobody asks. */
  async #holds(fingerprint: string, version: string, signal: AbortSignal): Promise<boolean> {
    if (this.#key === undefined) return false;
    const text = await this.#connection.value(version, signal);
    const secret = text === undefined ? undefined : this.#text.secretIn(text);
    return secret !== undefined && fingerprintOf(secret) === fingerprint;
  }
}

/** What a write has found. */
type Seen = { readonly found: DescribedSecret | undefined; readonly entry: StoredEntry | undefined };

type WriteOutcome = { readonly version: string } | "marked" | "unmarked";

const notWritten = { fingerprint: undefined, version: undefined };

/** Whether nothing of the token that a place is marked with is left: its secret waits for deletion, or was emptied. */
function isVacant(found: DescribedSecret, mark: EntryMark | undefined): boolean {
  return mark?.givenUp === "emptied" || (mark?.givenUp === "deleted" && found.isScheduled);
}

/** Whether a tag of ours says that the current version holds nothing any more. */
function isGivenUp(found: DescribedSecret, tag: string): boolean {
  if (!tag.startsWith(markTagOf(undefined))) return false;
  const mark = parseEntryMark(tag, found.tags);
  return mark?.givenUp !== undefined && mark.version === found.currentVersion;
}

const versionPrefix = "orgtokens-";

/** The client request token of a write: the same step from the same version is the same version, however often it is sent. */
function versionOf(
  destination: string,
  before: string | undefined,
  write: { readonly apiTokenId: string; readonly fingerprint: string },
): string {
  const text = [destination, before ?? "", write.apiTokenId, write.fingerprint].join("\n");
  // AWS takes 64 characters.
  return `${versionPrefix}${createHash("sha256").update(text).digest("hex")}`.slice(0, 64);
}

/** Whether we wrote a version. */
function isVersionOfOurs(version: string): boolean {
  return version.startsWith(versionPrefix);
}
