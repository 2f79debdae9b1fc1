import { formatDestination, parseDestinationParts } from "../destination-uri.ts";
import type { DriverWrite, SecretStoreDriver } from "../driver.ts";
import { entryTokenNames, entryTokenTexts, isFingerprint, parseEntryTokenTexts } from "../entry-owner.ts";
import {
  conflict,
  createSecretStore,
  occupied,
  requireReplaceable,
  type SecretStore,
  type StoredEntry,
} from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import { type VaultAccess, VaultConnection } from "./vault-connection.ts";

/** A key of a secret in a KV version 2 secrets engine. */
export type VaultPlace = {
  /** Where the engine is mounted, such as `kv`. */
  readonly mount: string;
  /** Path of the secret inside the mount, such as `ci/orgtokens`. The whole entry belongs to the token. */
  readonly path: string;
  /** Key inside the secret, such as `token`. */
  readonly key: string;
};

/** Which Vault, and which place in it. */
export type VaultSecretStoreOptions = VaultAccess & VaultPlace;

/** URI of a place: `vault://kv/ci/orgtokens#token`. */
export function vaultDestination({ mount, path, key }: VaultPlace): string {
  return formatDestination("vault", [mount.split("/").filter(Boolean).join("/"), ...path.split("/")], key);
}

/** The place a URI names; undefined when it names none. */
export function parseVaultDestination(destination: string): VaultPlace | undefined {
  const { segments: [mount, ...path] = [], key } = parseDestinationParts("vault", destination) ?? {};
  if (mount === undefined || path.length === 0 || key === undefined) return undefined;
  return { mount, path: path.join("/"), key };
}

/**
 * Opens a place in HashiCorp Vault or OpenBao (KV version 2). Metadata is custom metadata of the entry; every write names the
 * version it expects to replace (check-and-set). The secret is never read to find out whether it is still ours.
 *
 * @throws SecretStoreError `secret_store_invalid_argument` when mount, path, key, address or token cannot be used.
 */
export function openVaultSecretStore(options: VaultSecretStoreOptions): SecretStore {
  const { mount, path, key } = options;
  const refuse = (message: string): never => {
    throw new SecretStoreError(
      "secret_store_invalid_argument",
      `vault://${[mount, path].join("/").toWellFormed()}`,
      message,
    );
  };
  for (const [name, value] of Object.entries({ mount, path, key })) {
    if (!value.isWellFormed() || /\p{Cc}/u.test(value)) {
      refuse(`The ${name} must not contain control characters or halves of characters.`);
    }
    if (name !== "key" && value.split("/").some((segment) => ["", ".", ".."].includes(segment))) {
      refuse(`The ${name} must be names separated by single slashes, without "." and "..".`);
    }
  }
  if (key === "") refuse("The key must not be empty.");
  const destination = vaultDestination(options);
  return createSecretStore(new VaultDriver(options, new VaultConnection(options, destination)));
}

/** What we keep in the entry's custom metadata. */
const names = {
  ...entryTokenNames,
  fingerprint: "orgtokens_fingerprint",
  version: "orgtokens_version",
  key: "orgtokens_key",
} as const;

const ourNames: readonly string[] = Object.values(names);

/** An entry as its metadata shows it. */
type Entry = {
  readonly currentVersion: number;
  readonly isCurrentDeleted: boolean;
  readonly custom: Readonly<Record<string, string>>;
};

class VaultDriver implements SecretStoreDriver {
  readonly destination: string;
  readonly #place: VaultPlace;
  readonly #connection: VaultConnection;
  readonly #dataPath: string;
  readonly #metadataPath: string;

  constructor(place: VaultPlace, connection: VaultConnection) {
    this.destination = vaultDestination(place);
    this.#place = place;
    this.#connection = connection;
    const mount = place.mount.split("/").map(encodeURIComponent).join("/");
    const path = place.path.split("/").map(encodeURIComponent).join("/");
    this.#dataPath = `${mount}/data/${path}`;
    this.#metadataPath = `${mount}/metadata/${path}`;
  }

  async describe(signal: AbortSignal): Promise<StoredEntry | undefined> {
    return this.#describe(await this.#find(signal));
  }

  /** Marks the entry as the token's if it is not yet; writes the secret, by check-and-set; says which version it has. */
  async write(secret: string, { signal, ...write }: DriverWrite) {
    const { apiTokenId, fingerprint } = write;
    const entry = await this.#find(signal);
    const described = this.#describe(entry);
    requireReplaceable(this.destination, described, write);
    const owner = { ...entryTokenTexts(write), [names.key]: this.#place.key };
    const foreign = Object.entries(entry?.custom ?? {}).filter(([name]) => !ourNames.includes(name));
    const custom = { ...Object.fromEntries(foreign), ...owner };
    if (described?.apiTokenId !== apiTokenId) await this.#writeCustom(custom, signal);
    const cas = entry?.currentVersion ?? 0;
    const body = { options: { cas }, data: { [this.#place.key]: secret } };
    const { status } = await this.#connection.send("POST", this.#dataPath, body, signal, [400]);
    if (status === 400) throw await this.#explainRefusedWrite(cas, signal);
    const version = String(cas + 1);
    await this.#writeCustom({ ...custom, [names.fingerprint]: fingerprint, [names.version]: version }, signal);
    return { version };
  }

  async #writeCustom(custom: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
    await this.#connection.send("POST", this.#metadataPath, { custom_metadata: custom }, signal);
  }

  /** Where the token's secret has moved to another key of the entry, this key has none any more. */
  async delete(apiTokenId: string, signal: AbortSignal) {
    const entry = await this.#find(signal);
    const described = this.#describe(entry);
    if (described === undefined) return "absent";
    if (described.apiTokenId !== apiTokenId) return "not_ours";
    if (entry?.custom[names.key] !== this.#place.key) return "absent";
    await this.#connection.send("DELETE", this.#metadataPath, undefined, signal);
    return "deleted";
  }

  async read(signal: AbortSignal): Promise<string | undefined> {
    const { status, body } = await this.#connection.send("GET", this.#dataPath, undefined, signal, [404]);
    if (status === 404) return undefined;
    const value = member(member(member(body, "data"), "data"), this.#place.key);
    return typeof value === "string" ? value : undefined;
  }

  async checkWritable(signal: AbortSignal): Promise<void> {
    await this.#connection.requireEngine(this.#place.mount, signal);
    const entry = this.#describe(await this.#find(signal));
    if (entry !== undefined && entry.apiTokenId === undefined) throw occupied(this.destination, entry);
    await this.#connection.requireCapabilities(
      { [this.#dataPath]: ["create", "update"], [this.#metadataPath]: ["create", "update", "read"] },
      signal,
    );
  }

  async close(): Promise<void> {}

  async #find(signal: AbortSignal): Promise<Entry | undefined> {
    const { status, body } = await this.#connection.send("GET", this.#metadataPath, undefined, signal, [404]);
    return status === 404 ? undefined : parseEntry(member(body, "data"));
  }

  /** An entry without any version holds nothing: somebody prepared its settings, or a write of ours was cut short. */
  #describe(entry: Entry | undefined): StoredEntry | undefined {
    if (entry === undefined) return undefined;
    const owner = parseEntryTokenTexts(entry.custom);
    if (owner === undefined) return entry.currentVersion === 0 ? undefined : {};
    const version = String(entry.currentVersion);
    const fingerprint = entry.custom[names.fingerprint];
    const isOurs =
      entry.custom[names.version] === version && !entry.isCurrentDeleted && entry.custom[names.key] === this.#place.key;
    return isOurs && isFingerprint(fingerprint) ? { ...owner, fingerprint, version } : owner;
  }

  /** Vault says in words only that check-and-set failed; the version tells. */
  async #explainRefusedWrite(cas: number, signal: AbortSignal): Promise<SecretStoreError> {
    const entry = await this.#find(signal);
    if ((entry?.currentVersion ?? 0) !== cas) return conflict(this.destination);
    const message = `Vault does not accept a write to ${this.#dataPath} (400). Check that ${this.#place.mount} is a KV version 2 engine.`;
    return new SecretStoreError("secret_store_failed", this.destination, message);
  }
}

function parseEntry(data: unknown): Entry {
  const currentVersion = Number(member(data, "current_version") ?? 0);
  const current = member(member(data, "versions"), String(currentVersion));
  const deletionTime = member(current, "deletion_time");
  return {
    currentVersion,
    isCurrentDeleted:
      member(current, "destroyed") === true || (typeof deletionTime === "string" && deletionTime !== ""),
    custom: parseTexts(member(data, "custom_metadata")),
  };
}

function parseTexts(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
