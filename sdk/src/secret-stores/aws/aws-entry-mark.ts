import { isFingerprint, isId } from "../secret-store.ts";

/** What a tag of AWS says of a place: whose secret it is, and in which version it was written. */
export type EntryMark = {
  readonly apiTokenId: string;
  readonly organizationId: string | undefined;
  /** Undefined together with the version while a write is under way. */
  readonly fingerprint: string | undefined;
  readonly version: string | undefined;
  /** Whether the token's secret was given up: what is still there waits for its deletion. */
  readonly isGivenUp: boolean;
};

/** The value of the tag: words that AWS allows in one, at most 256 characters. */
export function formatEntryMark({ apiTokenId, organizationId, fingerprint, version, isGivenUp }: EntryMark): string {
  const parts = { "api-token": apiTokenId, organization: organizationId, fingerprint, version };
  const words = Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  return [...words, ...(isGivenUp ? ["deleted=yes"] : [])].join(" ");
}

/** What a tag's value says; undefined when we did not write it. */
export function parseEntryMark(value: string | undefined): EntryMark | undefined {
  const words = new Map<string, string>();
  for (const word of (value ?? "").split(" ")) {
    const [name = "", text = ""] = word.split("=", 2);
    words.set(name, text);
  }
  const [apiTokenId, organizationId] = [words.get("api-token"), words.get("organization")];
  const [fingerprint, version] = [words.get("fingerprint"), words.get("version")];
  if (!isId(apiTokenId)) return undefined;
  const isWritten = isFingerprint(fingerprint) && version !== undefined;
  return {
    apiTokenId,
    organizationId: isId(organizationId) ? organizationId : undefined,
    fingerprint: isWritten ? fingerprint : undefined,
    version: isWritten ? version : undefined,
    isGivenUp: words.get("deleted") === "yes",
  };
}

const tagPrefix = "orgtokens";

/** The tag of a place: `orgtokens`, or with a key `orgtokens:KEY`. What AWS does not allow in a tag is escaped as `=C3=BC`. */
export function markTagOf(key: string | undefined): string {
  if (key === undefined) return tagPrefix;
  const escaped = (char: string) =>
    [...new TextEncoder().encode(char)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
  return `${tagPrefix}:${key.replace(/[^A-Za-z0-9_./+@ -]/gu, escaped)}`;
}
