// A secret store of your own: what a backend writes, and what the SDK adds. Keeps secrets in a Map, as a stand-in for your backend.
import {
  createSecretStore,
  type DriverWrite,
  type EntryOwner,
  entryTokenOf,
  occupied,
  requireReplaceable,
  type SecretStore,
  type SecretStoreDriver,
  SecretStoreError,
  type StoredEntry,
} from "@orgtokens/sdk/secret-stores";

/** An entry as the backend keeps it: each write makes a version, and `written` is the one that the owner's secret was written as. */
export type MapEntry = {
  readonly secret: string | undefined;
  readonly version: number;
  readonly owner?: EntryOwner;
  readonly written?: number;
};

/** Opens a place in a map. `createSecretStore` checks arguments, sets deadlines and wraps what the driver throws. */
export function openMapStore(entries: Map<string, MapEntry>, name: string): SecretStore {
  const destination = `map://entries/${encodeURIComponent(name.toWellFormed())}`;
  if (name === "" || !name.isWellFormed() || /\p{Cc}/u.test(name))
    throw new SecretStoreError(
      "secret_store_invalid_argument",
      destination,
      "A name has at least one printable character.",
    );
  return createSecretStore(new MapDriver(entries, name, destination));
}

class MapDriver implements SecretStoreDriver {
  readonly destination: string;
  readonly #entries: Map<string, MapEntry>;
  readonly #name: string;

  constructor(entries: Map<string, MapEntry>, name: string, destination: string) {
    this.#entries = entries;
    this.#name = name;
    this.destination = destination;
  }

  async describe(): Promise<StoredEntry | undefined> {
    return this.#describe();
  }

  /** From metadata alone: a fingerprint counts only for the version that was written with it. */
  #describe(): StoredEntry | undefined {
    const { owner, version, written } = this.#entries.get(this.#name) ?? {};
    if (version === undefined) return undefined;
    if (owner === undefined) return {};
    if (written === version) return { ...owner, version: String(version) };
    const { fingerprint: _, ...changed } = owner;
    return changed;
  }

  /** Looking and writing happen in one step here; a remote backend has a condition for it, such as an etag. */
  async write(secret: string, write: DriverWrite) {
    requireReplaceable(this.destination, this.#describe(), write);
    const version = (this.#entries.get(this.#name)?.version ?? 0) + 1;
    const owner = { ...entryTokenOf(write), fingerprint: write.fingerprint };
    this.#entries.set(this.#name, { secret, owner, version, written: version });
    return { version: String(version) };
  }

  async delete(apiTokenId: string): Promise<"deleted" | "absent" | "not_ours"> {
    const found = this.#describe();
    if (found === undefined) return "absent";
    if (found.apiTokenId !== apiTokenId) return "not_ours";
    this.#entries.delete(this.#name);
    return "deleted";
  }

  async read(): Promise<string | undefined> {
    return this.#entries.get(this.#name)?.secret;
  }

  async checkWritable(): Promise<void> {
    const found = this.#describe();
    if (found !== undefined && found.apiTokenId === undefined) throw occupied(this.destination, found);
  }

  async close(): Promise<void> {}
}
