import type { DriverWrite, SecretStoreDriver } from "../driver.ts";
import { entryTokenOf } from "../entry-owner.ts";
import { conflict, occupied, requireReplaceable, type StoredEntry } from "../secret-store.ts";
import { type EntryMark, formatEntryMark, markTagOf, parseEntryMark } from "./aws-entry-mark.ts";
import type { DescribedParameter, SsmConnection } from "./aws-ssm-connection.ts";

const tag = markTagOf(undefined);

/** One parameter of AWS Systems Manager. */
export class SsmDriver implements SecretStoreDriver {
  readonly destination: string;
  readonly #connection: SsmConnection;

  constructor(destination: string, connection: SsmConnection) {
    this.destination = destination;
    this.#connection = connection;
  }

  async describe(signal: AbortSignal): Promise<StoredEntry | undefined> {
    return entryOf(await this.#connection.describe(signal));
  }

  /** Between looking and overwriting somebody else can write; the version tells, and then no metadata names what is there. */
  async write(secret: string, { signal, ...write }: DriverWrite) {
    const { apiTokenId, fingerprint } = write;
    const found = await this.#connection.describe(signal);
    const entry = entryOf(found);
    requireReplaceable(this.destination, entry, write);
    const owner = { ...entryTokenOf(write), givenUp: undefined };
    if (found === undefined) {
      await this.#create(secret, { ...owner, fingerprint, version: "1" }, signal);
      return { version: "1" };
    }
    const mark = async (written: Pick<EntryMark, "fingerprint" | "version">) =>
      this.#connection.tag(formatEntryMark(tag, { ...owner, ...written }, found.tags), signal);
    if (entry?.apiTokenId !== apiTokenId) await mark({ fingerprint: undefined, version: undefined });
    const written = await this.#connection.overwrite(secret, found, signal);
    if (written !== found.version + 1) throw conflict(this.destination);
    const version = String(written);
    await mark({ fingerprint, version });
    const after = await this.#connection.describe(signal);
    if (after !== undefined && after.version > written) throw conflict(this.destination);
    return { version };
  }

  async delete(apiTokenId: string, signal: AbortSignal) {
    const entry = entryOf(await this.#connection.describe(signal));
    if (entry === undefined) return "absent";
    if (entry.apiTokenId !== apiTokenId) return "not_ours";
    await this.#connection.delete(signal);
    return "deleted";
  }

  read(signal: AbortSignal): Promise<string | undefined> {
    return this.#connection.value(signal);
  }

  async checkWritable(signal: AbortSignal): Promise<void> {
    const entry = await this.describe(signal);
    if (entry !== undefined && entry.apiTokenId === undefined) throw occupied(this.destination, entry);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** An answer that got lost is repeated, and then the parameter is there already, with our mark. */
  async #create(secret: string, mark: EntryMark, signal: AbortSignal): Promise<void> {
    const tags = formatEntryMark(tag, mark);
    if (await this.#connection.create(secret, tags, signal)) return;
    const found = await this.#connection.describe(signal);
    const isOurs = found?.tags.get(tag) === tags[tag] && String(found?.version) === mark.version;
    if (!isOurs) throw conflict(this.destination);
  }
}

/** What the metadata says: the fingerprint only while the version is the one that it was written for. */
function entryOf(found: DescribedParameter | undefined): StoredEntry | undefined {
  if (found === undefined) return undefined;
  const mark = parseEntryMark(tag, found.tags);
  if (mark === undefined) return {};
  const { fingerprint, version } = mark;
  const owner = entryTokenOf(mark);
  const isThere = fingerprint !== undefined && version === String(found.version);
  return isThere ? { ...owner, fingerprint, version } : owner;
}
