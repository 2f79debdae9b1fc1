/** What a secret file holds: the secret and nothing else, or a JSON object with the secret at a key. */
import { describeOwned, describePair, formatOwner, parseMembers, parseOwner } from "../entry-metadata.ts";
import type { EntryOwner } from "../entry-owner.ts";
import { hasInexactNumbers } from "../json-object.ts";
import type { StoredEntry } from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";

/** Reads and changes the texts of a secret file and of its metadata; undefined is a file that is not there. */
export type FileContent = {
  readonly describe: (file: string | undefined, metadata: string | undefined) => StoredEntry | undefined;
  readonly secret: (file: string | undefined) => string | undefined;
  /** The file with the secret. */
  readonly put: (file: string | undefined, secret: string) => string;
  /** The file without the secret. */
  readonly remove: (file: string | undefined) => string | undefined;
  /** The metadata with the owner. */
  readonly own: (metadata: string | undefined, owner: EntryOwner) => string;
  /** The metadata without the owner. */
  readonly disown: (metadata: string | undefined) => string | undefined;
};

/** The secret and nothing else. */
export const rawContent: FileContent = {
  describe: describePair,
  secret: (file) => file,
  put: (_file, secret) => secret,
  remove: () => undefined,
  own: (_metadata, owner) => formatOwner(owner),
  disown: () => undefined,
};

/** The key of a JSON object. Other keys are kept, with the metadata of those that hold secrets of other tokens. */
export function jsonContent(key: string, destination: string): FileContent {
  const secret = (file: string | undefined) => {
    const value = file === undefined ? undefined : member(parseMembers(file), key);
    return typeof value === "string" ? value : undefined;
  };
  return {
    describe(file, metadata) {
      const owned = metadata === undefined ? undefined : member(keysOf(metadata), key);
      if (owned !== undefined) return describeOwned(secret(file), parseOwner(JSON.stringify(owned)));
      const isFree = file === undefined || (parseObject(file) !== undefined && !Object.hasOwn(parseMembers(file), key));
      return isFree ? undefined : {};
    },
    secret,
    put(file, text) {
      if (file !== undefined) requireKeepable(file, destination);
      return format({ ...parseMembers(file ?? "{}"), [key]: text });
    },
    remove(file) {
      if (file === undefined || parseObject(file) === undefined) return file;
      return formatRest(without(parseMembers(file), key));
    },
    own: (metadata, owner) =>
      format({ keys: { ...keysOf(metadata ?? "{}"), [key]: parseMembers(formatOwner(owner)) } }),
    disown(metadata) {
      const rest = without(keysOf(metadata ?? "{}"), key);
      return Object.keys(rest).length === 0 ? undefined : format({ keys: rest });
    },
  };
}

type Members = Readonly<Record<string, unknown>>;

function keysOf(metadata: string): Members {
  return parseMembers(JSON.stringify(parseMembers(metadata)["keys"] ?? {}));
}

function member(members: Members, key: string): unknown {
  return Object.hasOwn(members, key) ? members[key] : undefined;
}

function without(members: Members, key: string): Members {
  return Object.fromEntries(Object.entries(members).filter(([name]) => name !== key));
}

function format(members: Members): string {
  return `${JSON.stringify(members, undefined, 2)}\n`;
}

function formatRest(members: Members): string | undefined {
  return Object.keys(members).length === 0 ? undefined : format(members);
}

function parseObject(file: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(file);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined; // what is no JSON is no object either
  }
}

/** What would not come back as it is, is not overwritten: something else than an object, and numbers that no double has. */
function requireKeepable(file: string, destination: string): void {
  const refuse = (what: string): never => {
    throw new SecretStoreError("secret_store_occupied", destination, `The file of ${destination} ${what}`);
  };
  if (parseObject(file) === undefined)
    refuse("does not hold a JSON object, or is larger than a megabyte. Choose another file, or correct it.");
  if (hasInexactNumbers(file))
    refuse("holds numbers of more than 15 digits, which could not be kept as they are. Choose another file.");
}
