import type { DriverWrite, SecretStoreDriver } from "../driver.ts";
import { fingerprintOf } from "../entry-metadata.ts";
import { entryTokenOf } from "../entry-owner.ts";
import { conflict, occupied, requireReplaceable, type StoredEntry } from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import type { VaultPlace } from "./vault.ts";
import { encodePath, member } from "./vault-answer.ts";
import type { VaultConnection } from "./vault-connection.ts";
import {
  formatRecord,
  isUnchangedSince,
  type KeyRecord,
  maxCustomNames,
  namesOf,
  parseEntry,
  recordAt,
  removalsName,
  removalsOf,
  type VaultEntry,
  withVersion,
} from "./vault-entry.ts";

/** What is in a place, and what of it belongs to whom. */
type Look = {
  readonly entry: VaultEntry | undefined;
  readonly described: StoredEntry | undefined;
};

/** How often a write is tried that loses to writers of other keys. */
const maxAttempts = 100;

/**
 * A key of an entry. For each key there are two names in the entry's custom metadata, so that tokens can share an entry: the record
 * says whose secret the key has had since which version; a claim says who is about to write which version, and counts only when
 * that version has come, or nothing is recorded. Each is changed by itself, so nobody's metadata is lost to another writer.
 */
export class VaultDriver implements SecretStoreDriver {
  readonly destination: string;
  readonly #place: VaultPlace;
  readonly #connection: VaultConnection;
  readonly #names: ReturnType<typeof namesOf>;
  readonly #paths: {
    readonly data: string;
    readonly metadata: string;
    readonly subkeys: string;
  };
  #isEngine = false;

  constructor(place: VaultPlace & { readonly destination: string }, connection: VaultConnection) {
    this.destination = place.destination;
    this.#place = place;
    this.#connection = connection;
    this.#names = namesOf(place.key);
    const [mount, path] = [encodePath(place.mount), encodePath(place.path)];
    this.#paths = {
      data: `${mount}/data/${path}`,
      metadata: `${mount}/metadata/${path}`,
      subkeys: `${mount}/subkeys/${path}`,
    };
  }

  async describe(signal: AbortSignal): Promise<StoredEntry | undefined> {
    return (await this.#look(signal)).described;
  }

  /** Claims the key if it is not the token's yet; writes the secret, by check-and-set; records which version it has. */
  async write(secret: string, write: DriverWrite) {
    const { signal } = write;
    const first = await this.#look(signal);
    requireReplaceable(this.destination, first.described, write);
    let { entry } = first;
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const version = await this.#attempt(secret, entry, write);
      if (version !== undefined) return { version: String(version) };
      const now = await this.#look(signal);
      if (!(await this.#isUntouched(first.described, now, signal))) break;
      entry = now.entry;
    }
    throw conflict(this.destination);
  }

  /** Deletes the entry when nothing else is in it; otherwise the key, and what we keep about it. */
  async delete(apiTokenId: string, signal: AbortSignal) {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const { entry, described } = await this.#look(signal);
      if (entry === undefined || described === undefined) return attempt === 1 ? "absent" : "deleted";
      if (described.apiTokenId !== apiTokenId) return "not_ours";
      if (await this.#takeOut(entry, signal)) return "deleted";
    }
    throw conflict(this.destination);
  }

  async read(signal: AbortSignal): Promise<string | undefined> {
    const { status, body } = await this.#connection.send("GET", this.#paths.data, undefined, signal, [404]);
    if (status === 404) return undefined;
    const value = member(member(member(body, "data"), "data"), this.#place.key);
    return typeof value === "string" ? value : undefined;
  }

  async checkWritable(signal: AbortSignal): Promise<void> {
    await this.#requireEngine(signal);
    const { entry, described } = await this.#look(signal);
    if (described !== undefined && described.apiTokenId === undefined) throw occupied(this.destination, described);
    if (othersOf(entry, this.#names).length >= maxCustomNames) throw this.#full();
    const { data, metadata, subkeys } = this.#paths;
    const wanted = {
      [data]: ["create", "update", "patch"],
      [metadata]: ["create", "update", "patch", "read"],
      [subkeys]: ["read"],
    };
    await this.#connection.requireCapabilities(wanted, signal);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #look(signal: AbortSignal): Promise<Look> {
    const { status, body } = await this.#connection.send("GET", this.#paths.metadata, undefined, signal, [404]);
    if (status === 404) return { entry: undefined, described: undefined };
    const entry = parseEntry(member(body, "data"), this.#connection.now());
    // A secret of a version 1 engine, at a path that looks like metadata.
    if (entry === undefined) {
      await this.#requireEngine(signal);
      throw new SecretStoreError("secret_store_failed", this.destination, "What answers there is no Vault.");
    }
    return { entry, described: await this.#describe(entry, signal) };
  }

  async #describe(entry: VaultEntry, signal: AbortSignal): Promise<StoredEntry | undefined> {
    const record = recordAt(entry, this.#names.record);
    const claim = recordAt(entry, this.#names.claim);
    if (claim !== undefined && (record === undefined || isTaken(claim, record, entry))) return claim.token;
    if (record === undefined) {
      const keys = await this.#keys(entry, signal);
      return keys?.includes(this.#place.key) === false ? undefined : {};
    }
    const { fingerprint, version } = record;
    const isThere =
      fingerprint !== undefined && entry.isLive && (await this.#isStill(fingerprint, version, entry, signal));
    return isThere ? { ...record.token, fingerprint, version: String(version) } : record.token;
  }

  /** Without the right to read, whoever has written the entry since may have changed the key. */
  async #isStill(fingerprint: string, version: number, entry: VaultEntry, signal: AbortSignal): Promise<boolean> {
    if (isUnchangedSince(version, entry)) return true;
    const { body } = await this.#connection.send("GET", this.#paths.data, undefined, signal, [403, 404]);
    const value = member(member(member(body, "data"), "data"), this.#place.key);
    return typeof value === "string" && fingerprintOf(value) === fingerprint;
  }

  /** The keys of the current version; undefined when the token may not know them. */
  async #keys(entry: VaultEntry, signal: AbortSignal): Promise<readonly string[] | undefined> {
    if (!entry.isLive) return [];
    const subkeys = await this.#connection.send("GET", `${this.#paths.subkeys}?depth=1`, undefined, signal, [403, 404]);
    if (subkeys.status === 200) return Object.keys(Object(member(member(subkeys.body, "data"), "subkeys")));
    const whole = await this.#connection.send("GET", this.#paths.data, undefined, signal, [403, 404]);
    if (whole.status === 200) return Object.keys(Object(member(member(whole.body, "data"), "data")));
    return whole.status === 404 ? [] : undefined;
  }

  /** Writes upon an entry as it was seen. Undefined when somebody has written it since. */
  async #attempt(secret: string, entry: VaultEntry | undefined, write: DriverWrite): Promise<number | undefined> {
    const { fingerprint, signal } = write;
    const cas = entry?.currentVersion ?? 0;
    const version = cas + 1;
    const token = entryTokenOf(write);
    const { record, claim } = this.#names;
    const former = recordAt(entry, record);
    const isClaimed = former?.token.apiTokenId !== token.apiTokenId;
    if (entry === undefined) await this.#createEntry(signal);
    if (isClaimed) await this.#patchCustom({ [claim]: formatRecord({ token, version }) }, signal);
    const body = { options: { cas }, data: { [this.#place.key]: secret } };
    // A version that is not there any more has no other keys to be kept, and cannot be patched.
    const method = entry?.isLive === true ? "PATCH" : "POST";
    const { status } = await this.#connection.send(method, this.#paths.data, body, signal, [400, 404]);
    if (status >= 400) return this.#requireLostRace(cas, signal);
    const patched = method === "PATCH" ? withVersion(former?.patched ?? [], version) : [];
    const done = {
      [record]: formatRecord({ token, fingerprint, version, patched }),
      ...(isClaimed ? { [claim]: null } : {}),
    };
    await this.#patchCustom(done, signal);
    return version;
  }

  /** Vault says in words only that check-and-set failed; the version tells. */
  async #requireLostRace(cas: number, signal: AbortSignal): Promise<undefined> {
    const { entry } = await this.#look(signal);
    if (entry !== undefined && entry.currentVersion === cas && (entry.isLive || cas === 0)) {
      const message = `Vault does not accept a write to ${decodeURIComponent(this.#paths.data)} (400). The entry may be too large.`;
      throw new SecretStoreError("secret_store_failed", this.destination, message);
    }
    return undefined;
  }

  /** Whether others have written other keys only. */
  async #isUntouched(
    before: StoredEntry | undefined,
    { entry, described }: Look,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (before === undefined) {
      const keys = entry === undefined ? [] : await this.#keys(entry, signal);
      return recordAt(entry, this.#names.record) === undefined && keys?.includes(this.#place.key) === false;
    }
    return (
      before.fingerprint !== undefined &&
      described?.fingerprint === before.fingerprint &&
      described.apiTokenId === before.apiTokenId
    );
  }

  /** An empty entry, whose custom metadata nobody can lose by it. Settings of the engine stay in force. */
  async #createEntry(signal: AbortSignal): Promise<void> {
    await this.#requireEngine(signal);
    await this.#connection.send("POST", this.#paths.metadata, { max_versions: 0 }, signal);
  }

  async #patchCustom(custom: Readonly<Record<string, string | null>>, signal: AbortSignal): Promise<void> {
    const body = { custom_metadata: custom };
    const { status } = await this.#connection.send("PATCH", this.#paths.metadata, body, signal, [400, 404]);
    if (status === 404) throw conflict(this.destination);
    if (status === 400) throw this.#full();
  }

  /** False when somebody has written the entry since it was seen. */
  async #takeOut(entry: VaultEntry, signal: AbortSignal): Promise<boolean> {
    const { record, claim } = this.#names;
    const keys = await this.#keys(entry, signal);
    if (this.#isAlone(entry, keys)) {
      await this.#connection.send("DELETE", this.#paths.metadata, undefined, signal);
      return true;
    }
    const isRemoved = entry.isLive && keys?.includes(this.#place.key) !== false;
    if (isRemoved && !(await this.#removeKey(entry, signal))) return false;
    const known = [...removalsOf(entry), ...(recordAt(entry, record)?.patched ?? [])].toSorted((one, two) => one - two);
    const removals = isRemoved ? withVersion(known, entry.currentVersion + 1) : known;
    const remembered = removals.length === 0 ? {} : { [removalsName]: JSON.stringify(removals) };
    const custom_metadata = { [record]: null, [claim]: null, ...remembered };
    await this.#connection.send("PATCH", this.#paths.metadata, { custom_metadata }, signal, [404]);
    await this.#deleteEmpty(signal);
    return true;
  }

  /** Of several that take out the last keys at the same time, none sees itself alone before. */
  async #deleteEmpty(signal: AbortSignal): Promise<void> {
    const { entry } = await this.#look(signal);
    const isEmpty = entry?.isLive === true && (await this.#keys(entry, signal))?.length === 0;
    if (isEmpty && this.#isAlone(entry, [])) {
      await this.#connection.send("DELETE", this.#paths.metadata, undefined, signal);
    }
  }

  /** A version that somebody has deleted can be brought back, with what else was in it; what was prepared stays, too. */
  #isAlone(entry: VaultEntry, keys: readonly string[] | undefined): boolean {
    const isPrepared = entry.hasSettings || othersOf(entry, this.#names).length > 0;
    const isOnly = keys?.every((key) => key === this.#place.key) === true;
    return isOnly && !isPrepared && (entry.isLive || entry.currentVersion === 0);
  }

  async #removeKey({ currentVersion }: VaultEntry, signal: AbortSignal): Promise<boolean> {
    const body = { options: { cas: currentVersion }, data: { [this.#place.key]: null } };
    const { status } = await this.#connection.send("PATCH", this.#paths.data, body, signal, [400, 404]);
    return status < 300;
  }

  async #requireEngine(signal: AbortSignal): Promise<void> {
    if (!this.#isEngine) await this.#connection.requireEngine(this.#place.mount, signal);
    this.#isEngine = true;
  }

  #full(): SecretStoreError {
    const message = `The custom metadata of ${this.#place.mount}/${this.#place.path} can take no more: an entry has at most ${maxCustomNames} names there. Choose another entry.`;
    return new SecretStoreError("secret_store_invalid_argument", this.destination, message);
  }
}

/** Whether the version that a claim is about has come since the record was made. */
function isTaken(claim: KeyRecord, record: KeyRecord, { currentVersion }: VaultEntry): boolean {
  return claim.version > record.version && claim.version <= currentVersion;
}

/** The names in the custom metadata that are not about the key. */
function othersOf(entry: VaultEntry | undefined, { record, claim }: ReturnType<typeof namesOf>): readonly string[] {
  return Object.keys(entry?.custom ?? {}).filter((name) => ![record, claim, removalsName].includes(name));
}
