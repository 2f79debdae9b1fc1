/** What a secret file holds: the secret and nothing else, or a JSON object with the secret at a key. */
import { isUtf8 } from "node:buffer";
import { describeOwned, describePair, formatOwner, parseMembers, parseOwner } from "../entry-metadata.ts";
import type { EntryOwner } from "../entry-owner.ts";
import { parseJsonObject } from "../json-object.ts";
import type { StoredEntry } from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import { withMember, withoutMember } from "./json-text.ts";

/** Reads and changes what a secret file and its metadata hold; undefined is a file that is not there. */
export type FileContent = {
  readonly describe: (file: Buffer | undefined, metadata: string | undefined) => StoredEntry | undefined;
  readonly secret: (file: Buffer | undefined) => string | undefined;
  /** The file with the secret. */
  readonly put: (file: Buffer | undefined, secret: string) => string;
  /** The file without the secret. */
  readonly remove: (file: Buffer | undefined) => string | undefined;
  /** The metadata with the owner. */
  readonly own: (metadata: string | undefined, owner: EntryOwner) => string;
  /** The metadata without the owner. */
  readonly disown: (metadata: string | undefined) => string | undefined;
};

/** The secret and nothing else. */
export const rawContent: FileContent = {
  describe: describePair,
  secret: (file) => file?.toString("utf8"),
  put: (_file, secret) => secret,
  remove: () => undefined,
  own: (_metadata, owner) => formatOwner(owner),
  disown: () => undefined,
};

/** The key of a JSON object. All else in the file is kept as it is written, with the metadata of other tokens' secrets. */
export function jsonContent(key: string, destination: string): FileContent {
  const secret = (file: Buffer | undefined) => {
    const value = file === undefined ? undefined : member(parseObject(file) ?? {}, key);
    return typeof value === "string" ? value : undefined;
  };
  return {
    describe(file, metadata) {
      const owned = metadata === undefined ? undefined : member(keysOf(metadata), key);
      if (owned !== undefined) return describeOwned(secret(file), parseOwner(JSON.stringify(owned)));
      const members = file === undefined ? {} : parseObject(file);
      return members !== undefined && !Object.hasOwn(members, key) ? undefined : {};
    },
    secret,
    put(file, text) {
      if (file !== undefined && parseObject(file) === undefined) throw notJson(destination);
      return withMember(file?.toString("utf8") ?? "{}\n", key, text);
    },
    remove(file) {
      if (file === undefined || parseObject(file) === undefined) return file?.toString("utf8");
      return withoutMember(file.toString("utf8"), key);
    },
    own: (metadata, owner) =>
      format({ keys: { ...keysOf(metadata ?? "{}"), [key]: parseMembers(formatOwner(owner)) } }),
    disown(metadata) {
      const rest = Object.entries(keysOf(metadata ?? "{}")).filter(([name]) => name !== key);
      return rest.length === 0 ? undefined : format({ keys: Object.fromEntries(rest) });
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

function format(members: Members): string {
  return `${JSON.stringify(members, undefined, 2)}\n`;
}

/** Undefined also when it is not UTF-8: then the rest of the file would not come back as it is. */
function parseObject(file: Buffer): Members | undefined {
  return isUtf8(file) ? parseJsonObject(file.toString("utf8")) : undefined;
}

function notJson(destination: string): SecretStoreError {
  const message = `The file of ${destination} does not hold a JSON object in UTF-8, or is larger than a megabyte. Choose another file, or correct it.`;
  return new SecretStoreError("secret_store_occupied", destination, message);
}
