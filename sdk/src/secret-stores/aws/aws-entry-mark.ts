import { type EntryToken, entryTokenOf, isFingerprint, parseEntryToken } from "../entry-owner.ts";

/** What the tags of AWS say of a place: whose secret it is, and in which version it was written. */
export type EntryMark = EntryToken & {
  /** Undefined together with the version while a write is under way. */
  readonly fingerprint: string | undefined;
  readonly version: string | undefined;
  /**
   * How the place was given up, as of the version: the secret waits for its deletion, or somebody else had prepared it and nothing
   * of the token is left in it. Undefined while the token has its place.
   */
  readonly givenUp: "deleted" | "emptied" | undefined;
};

/** Tags of AWS by their keys. */
export type AwsTags = Readonly<Record<string, string>>;

/** With how many tags a resource still gets one for a label: AWS allows 50, and the tokens that share a secret need one each. */
const maxTagsForLabel = 25;
/** What AWS allows, in characters. */
const maxKeyLength = 128;
const maxValueLength = 256;

/**
 * The tags of a mark: one for the token and the secret, and one for the token's label, by which people find it. Where AWS has no
 * room for the label, because the resource has too many tags or the key is too long, it is left out.
 *
 * @param before the tags that are there.
 */
export function formatEntryMark(tag: string, mark: EntryMark, before?: ReadonlyMap<string, string>): AwsTags {
  const labelTag = labelTagOf(tag);
  const isThere = before?.has(labelTag) === true;
  const hasRoom = labelTag.length <= maxKeyLength && (before?.size ?? 0) < maxTagsForLabel;
  const isKept = isThere || (mark.label !== undefined && hasRoom);
  return { [tag]: formatWords(mark), ...(isKept ? { [labelTag]: escapeValue(mark.label ?? "") } : {}) };
}

function formatWords({ fingerprint, version, givenUp, ...token }: EntryMark): string {
  const { apiTokenId, organizationId, expiresAt } = entryTokenOf(token);
  const parts = {
    "api-token": apiTokenId,
    organization: organizationId,
    fingerprint,
    version,
    expires: expiresAt,
    "given-up": givenUp,
  };
  return Object.entries(parts)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
    .join(" ");
}

/** What the tags say of a place; undefined when we did not write them. */
export function parseEntryMark(tag: string, tags: ReadonlyMap<string, string>): EntryMark | undefined {
  const words = new Map<string, string>();
  for (const word of (tags.get(tag) ?? "").split(" ")) {
    const [name = "", text = ""] = word.split("=", 2);
    words.set(name, text);
  }
  const token = parseEntryToken({
    apiTokenId: words.get("api-token"),
    organizationId: words.get("organization"),
    label: unescapeValue(tags.get(labelTagOf(tag)) ?? ""),
    expiresAt: words.get("expires"),
  });
  if (token === undefined) return undefined;
  const [fingerprint, version, givenUp] = [words.get("fingerprint"), words.get("version"), words.get("given-up")];
  return {
    ...token,
    fingerprint: isFingerprint(fingerprint) && version !== undefined ? fingerprint : undefined,
    version,
    givenUp: givenUp === "deleted" || givenUp === "emptied" ? givenUp : undefined,
  };
}

const tagPrefix = "orgtokens";

/** The tag of a place: `orgtokens`, or with a key `orgtokens:KEY`. What AWS does not allow in a tag is escaped as `=C3=BC`. */
export function markTagOf(key: string | undefined): string {
  return key === undefined ? tagPrefix : `${tagPrefix}:${key.replace(/[^A-Za-z0-9_./+@ -]/gu, escaped)}`;
}

/** The tag of a place's label: `orgtokens.label`, or with a key `orgtokens.label:KEY`. */
export function labelTagOf(tag: string): string {
  return `${tagPrefix}.label${tag.slice(tagPrefix.length)}`;
}

/** Letters and digits of every script, spaces and `_./:+@-` as they are, others as `=C3=BC`; what is too long ends in `…`. */
function escapeValue(text: string): string {
  const parts = [...text].map((char) => char.replace(/[^\p{L}\p{N} _./:+@-]/gu, escaped));
  const whole = parts.join("");
  if (whole.length <= maxValueLength) return whole;
  const end = escaped("…");
  let kept = "";
  for (const part of parts) {
    if (kept.length + part.length + end.length > maxValueLength) break;
    kept += part;
  }
  return kept + end;
}

function unescapeValue(value: string): string {
  return value.replaceAll(/(?:=[0-9A-F]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll("=", ""), "hex").toString("utf8"),
  );
}

function escaped(char: string): string {
  return [...Buffer.from(char)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}
