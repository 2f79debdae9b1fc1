import { createHash, randomInt } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { DriverWrite, SecretStoreDriver } from "../driver.ts";
import { entryTokenOf } from "../entry-owner.ts";
import { hasInexactNumbers, jsonText, parseJsonObject } from "../json-object.ts";
import { conflict, occupied, requireReplaceable, type StoredEntry } from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import { type EntryMark, formatEntryMark, labelTagOf, markTagOf, parseEntryMark } from "./aws-entry-mark.ts";
import type { DescribedSecret, SecretsManagerConnection } from "./aws-secrets-manager-connection.ts";

/** Says that we made the secret, so that it may go with the last of its keys. */
const createdTag = "orgtokens.created";
/** How often a write of one key begins anew because another key of the secret was written meanwhile. */
const maxAttempts = 20;
const maxBytes = 65_536;

/** One secret, or one key of its JSON object, in AWS Secrets Manager. */
export class SecretsManagerDriver implements SecretStoreDriver {
  readonly destination: string;
  readonly #key: string | undefined;
  readonly #tag: string;
  readonly #connection: SecretsManagerConnection;

  constructor(destination: string, key: string | undefined, connection: SecretsManagerConnection) {
    this.destination = destination;
    this.#key = key;
    this.#tag = markTagOf(key);
    this.#connection = connection;
  }

  async describe(signal: AbortSignal): Promise<StoredEntry | undefined> {
    return this.#describe(await this.#connection.describe(signal), signal);
  }

  async write(secret: string, { signal, ...write }: DriverWrite) {
    let { expecting } = write;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#tryWrite(secret, { ...write, expecting }, signal);
      if (typeof outcome === "object") return outcome;
      // From here on the place has the mark that we have put there.
      if (outcome === "marked" && expecting !== undefined) expecting = { apiTokenId: write.apiTokenId };
      if (this.#key === undefined || attempt === maxAttempts) throw conflict(this.destination);
      await wait(randomInt(20, 100 * attempt), undefined, { signal });
    }
  }

  /** Whoever else has marked or overwritten the secret before is deleted with it only if it is the token's. */
  async delete(apiTokenId: string, signal: AbortSignal) {
    for (let attempt = 1; ; attempt += 1) {
      const found = await this.#connection.describe(signal);
      const mark = this.#markOf(found);
      if (found === undefined || (found.isScheduled && mark?.isGivenUp === true)) return "absent";
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
    return text === undefined ? undefined : this.#secretIn(text);
  }

  async checkWritable(signal: AbortSignal): Promise<void> {
    const found = await this.#connection.describe(signal);
    const entry = await this.#describe(found, signal);
    if (entry !== undefined && entry.apiTokenId === undefined) throw occupied(this.destination, entry);
    if (this.#key !== undefined && found?.currentVersion !== undefined && !found.isScheduled)
      this.#parse(await this.#connection.value(found.currentVersion, signal));
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** A word when another version became the current one meanwhile: whether the place has been marked as the token's. */
  async #tryWrite(secret: string, write: Omit<DriverWrite, "signal">, signal: AbortSignal): Promise<WriteOutcome> {
    const { apiTokenId, fingerprint } = write;
    let found = await this.#connection.describe(signal);
    requireReplaceable(this.destination, await this.#describe(found, signal), write);
    const version = versionOf(this.destination, found?.currentVersion, write);
    const mark = { ...entryTokenOf(write), fingerprint, version, isGivenUp: false };
    const tags = formatEntryMark(this.#tag, mark, found?.tags);
    if (found === undefined) {
      const text = this.#compose(secret, {});
      const isCreated = await this.#connection.create({ version, text }, { ...tags, [createdTag]: "yes" }, signal);
      return isCreated ? { version } : "unmarked";
    }
    if (found.isScheduled) found = await this.#restore(found, signal);
    const text = this.#compose(secret, await this.#others(found, signal));
    const before = this.#markOf(found);
    const isMarked = before?.apiTokenId === apiTokenId && !before.isGivenUp;
    if (!isMarked) await this.#mark(found, { ...mark, ...notWritten }, signal);
    if (!(await this.#replace(found.currentVersion, { version, text }, signal)))
      return isMarked ? "unmarked" : "marked";
    await this.#connection.tag(tags, signal);
    return { version };
  }

  /** Puts a version in the place of another, and of no other. */
  async #replace(
    from: string | undefined,
    next: { readonly version: string; readonly text: string },
    signal: AbortSignal,
  ) {
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
    const givenUp = [...found.tags.keys()].filter((name) => name !== this.#tag && isGivenUp(name, found.tags));
    if (givenUp.length > 0)
      await this.#connection.untag(
        givenUp.flatMap((name) => [name, labelTagOf(name)]),
        signal,
      );
    return { ...found, isScheduled: false };
  }

  async #tryDelete(found: DescribedSecret, mark: EntryMark, signal: AbortSignal): Promise<boolean> {
    const rest = await this.#others(found, signal);
    const isWhole = this.#key === undefined || (Object.keys(rest).length === 0 && found.tags.has(createdTag));
    if (isWhole) {
      await this.#mark(found, { ...mark, isGivenUp: true }, signal);
      await this.#connection.delete(signal);
      return true;
    }
    const text = jsonText(rest);
    const version = versionOf(this.destination, found.currentVersion, { ...mark, fingerprint: "deleted" });
    if (found.currentVersion !== undefined && !(await this.#replace(found.currentVersion, { version, text }, signal)))
      return false;
    await this.#connection.untag([this.#tag, labelTagOf(this.#tag)], signal);
    return true;
  }

  async #mark({ tags }: DescribedSecret, mark: EntryMark, signal: AbortSignal): Promise<void> {
    await this.#connection.tag(formatEntryMark(this.#tag, mark, tags), signal);
  }

  /** The keys that are not this place's, as the current version has them. */
  async #others(found: DescribedSecret, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    if (this.#key === undefined || found.currentVersion === undefined) return {};
    const isAllGivenUp = [...found.tags.keys()].some((name) => isGivenUp(name, found.tags));
    if (isAllGivenUp) return {};
    const held = this.#parse(await this.#connection.value(found.currentVersion, signal));
    return Object.fromEntries(Object.entries(held).filter(([name]) => name !== this.#key));
  }

  #compose(secret: string, others: Readonly<Record<string, unknown>>): string {
    if (this.#key === undefined) return secret;
    const text = jsonText({ ...others, [this.#key]: secret });
    if (Buffer.byteLength(text) <= maxBytes) return text;
    const message = `With its other keys, ${this.destination} would be longer than the ${maxBytes} bytes that AWS keeps.`;
    throw new SecretStoreError("secret_store_invalid_argument", this.destination, message);
  }

  #parse(text: string | undefined): Readonly<Record<string, unknown>> {
    const held = parseJsonObject(text ?? "");
    if (held !== undefined && !hasInexactNumbers(text ?? "")) return held;
    const why =
      held === undefined
        ? "is no JSON object, so it has no keys. Choose another one, or leave the key out."
        : "holds numbers of more than 15 digits, which could not be kept as they are. Choose another one.";
    const message = `The secret of ${this.destination} ${why}`;
    throw new SecretStoreError("secret_store_occupied", this.destination, message);
  }

  #secretIn(text: string): string | undefined {
    if (this.#key === undefined) return text;
    const held = parseJsonObject(text) ?? {};
    const value = Object.hasOwn(held, this.#key) ? held[this.#key] : undefined;
    return typeof value === "string" ? value : undefined;
  }

  #markOf(found: DescribedSecret | undefined): EntryMark | undefined {
    return found === undefined ? undefined : parseEntryMark(this.#tag, found.tags);
  }

  async #describe(found: DescribedSecret | undefined, signal: AbortSignal): Promise<StoredEntry | undefined> {
    if (found === undefined) return undefined;
    const mark = this.#markOf(found);
    if (mark === undefined) return (await this.#isTaken(found, signal)) ? {} : undefined;
    const { fingerprint, version } = mark;
    const owner = entryTokenOf(mark);
    if (found.isScheduled) return mark.isGivenUp ? undefined : owner;
    if (fingerprint === undefined || version === undefined || found.currentVersion === undefined) return owner;
    const isThere = version === found.currentVersion || (await this.#holds(fingerprint, found.currentVersion, signal));
    return isThere ? { ...owner, fingerprint, version } : owner;
  }

  /** Whether something that is not ours is in the place. Which keys a secret has, only its value says. */
  async #isTaken(found: DescribedSecret, signal: AbortSignal): Promise<boolean> {
    if (found.currentVersion === undefined) return false;
    if (found.isScheduled) return !found.tags.has(createdTag);
    if (this.#key === undefined) return true;
    const held = parseJsonObject((await this.#connection.value(found.currentVersion, signal)) ?? "");
    return held === undefined || Object.hasOwn(held, this.#key);
  }

  /** Whether a version that somebody wrote for other keys has our secret still. Without a key nobody asks. */
  async #holds(fingerprint: string, version: string, signal: AbortSignal): Promise<boolean> {
    if (this.#key === undefined) return false;
    const text = await this.#connection.value(version, signal);
    const secret = text === undefined ? undefined : this.#secretIn(text);
    return secret !== undefined && sha256(secret).slice(0, 16) === fingerprint;
  }
}

type WriteOutcome = { readonly version: string } | "marked" | "unmarked";

const notWritten = { fingerprint: undefined, version: undefined };

function isGivenUp(tag: string, tags: ReadonlyMap<string, string>): boolean {
  return tag.startsWith(markTagOf(undefined)) && parseEntryMark(tag, tags)?.isGivenUp === true;
}

/** The client request token of a write: the same step from the same version is the same version, however often it is sent. */
function versionOf(
  destination: string,
  before: string | undefined,
  write: { apiTokenId: string; fingerprint: string },
) {
  return sha256([destination, before ?? "", write.apiTokenId, write.fingerprint].join("\n"));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
