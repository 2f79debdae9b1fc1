/** What an entry of a KV version 2 engine shows of itself without its values, and what we keep in its custom metadata. */
import { type EntryToken, isFingerprint, parseEntryToken } from "../entry-owner.ts";
import { member } from "./vault-answer.ts";

/** An entry as its metadata shows it. */
export type VaultEntry = {
  /** 0 while there is none. */
  readonly currentVersion: number;
  /** Whether the current version holds something: it is neither deleted nor destroyed, nor has its time come. */
  readonly isLive: boolean;
  readonly custom: Readonly<Record<string, string>>;
  /** Whether somebody has given the entry settings of its own. */
  readonly hasSettings: boolean;
};

/**
 * Whose secret a key has, and since which version of the entry. A claim names the version that is about to be written, and no
 * fingerprint.
 */
export type KeyRecord = {
  readonly token: EntryToken;
  readonly fingerprint?: string;
  readonly version: number;
  /** The last versions that differ from the one before in this key only. */
  readonly patched?: readonly number[];
};

/** Under which the versions are kept that changed only a key of ours that is gone. */
export const removalsName = "orgtokens-removals";
/** How many versions are remembered. */
const maxPatched = 16;

/** The most names that an entry's custom metadata can have. */
export const maxCustomNames = 64;
/** The longest name and the longest value, in bytes. */
const maxNameBytes = 128;
const maxValueBytes = 512;

/** The names of what we keep for a key: whose it is, and who is about to write it. */
export function namesOf(key: string): {
  readonly record: string;
  readonly claim: string;
} {
  const encoded = encodeURIComponent(key);
  return {
    record: `orgtokens/${encoded}`,
    claim: `orgtokens-claim/${encoded}`,
  };
}

/** Whether the names of what we keep for a key can be ones. */
export function isKey(key: string): boolean {
  return key !== "" && Math.max(...Object.values(namesOf(key)).map((name) => name.length)) <= maxNameBytes;
}

/** The text of a record. Holds no secret; a label that is too long for Vault is cut. */
export function formatRecord({ token, ...rest }: KeyRecord): string {
  const text = (label: string | undefined) =>
    JSON.stringify({ ...token, ...(label === undefined ? {} : { label }), ...rest });
  const characters = [...(token.label ?? "")];
  let kept = characters.length;
  let cut = token.label;
  while (Buffer.byteLength(text(cut)) > maxValueBytes && kept > 0) {
    kept -= 1;
    cut = `${characters.slice(0, kept).join("")}…`;
  }
  return text(cut);
}

/** The record that a name of the entry's custom metadata has; undefined when it has none of ours. */
export function recordAt(entry: VaultEntry | undefined, name: string): KeyRecord | undefined {
  const parsed = parseJson(entry?.custom[name] ?? "");
  const field = (own: string) => member(parsed, own);
  const token = parseEntryToken({
    apiTokenId: field("apiTokenId"),
    organizationId: field("organizationId"),
    label: field("label"),
    expiresAt: field("expiresAt"),
  });
  const [fingerprint, version] = [field("fingerprint"), field("version")];
  if (token === undefined || typeof version !== "number" || !Number.isSafeInteger(version)) return undefined;
  const patched = numbersOf(field("patched"));
  return { token, version, patched, ...(isFingerprint(fingerprint) ? { fingerprint } : {}) };
}

/**
 * Whether all that was written after a version is known to be ours, and about other keys: then a key has what it had, which nobody
 * has to read to know.
 */
export function isUnchangedSince(version: number, entry: VaultEntry): boolean {
  const records = Object.keys(entry.custom).filter((name) => name.startsWith("orgtokens/"));
  const known = new Set([...records.flatMap((name) => recordAt(entry, name)?.patched ?? []), ...removalsOf(entry)]);
  for (let later = entry.currentVersion; later > version; later -= 1) if (!known.has(later)) return false;
  return true;
}

/** The versions with one more, as they are remembered. */
export function withVersion(versions: readonly number[], version: number): readonly number[] {
  return [...versions, version].slice(-maxPatched);
}

/** The versions that changed only a key of ours that is gone. */
export function removalsOf(entry: VaultEntry): readonly number[] {
  return numbersOf(parseJson(entry.custom[removalsName] ?? ""));
}

/** @param now the time of Vault: a version can have an end ahead of it. */
export function parseEntry(data: unknown, now: Date): VaultEntry | undefined {
  const currentVersion = member(data, "current_version");
  if (typeof currentVersion !== "number") return undefined;
  const current = member(member(data, "versions"), String(currentVersion));
  const deletedAt = Date.parse(String(member(current, "deletion_time") ?? ""));
  const isDeleted = member(current, "destroyed") === true || deletedAt <= now.getTime();
  return {
    currentVersion,
    isLive: currentVersion > 0 && !isDeleted,
    custom: parseTexts(member(data, "custom_metadata")),
    hasSettings:
      Number(member(data, "max_versions") ?? 0) !== 0 ||
      member(data, "cas_required") === true ||
      !["0s", undefined].includes(asText(member(data, "delete_version_after"))),
  };
}

function numbersOf(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.filter((one) => Number.isSafeInteger(one)) : [];
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function parseJson(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    return undefined; // Not ours.
  }
}

function parseTexts(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
