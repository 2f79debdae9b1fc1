import { entryTokenNames, isFingerprint, parseEntryTokenTexts } from "../entry-owner.ts";
import type { StoredEntry } from "../secret-store.ts";

/** What we keep in the annotations of a secret. */
export const googleNames = {
  ...entryTokenNames,
  fingerprint: "orgtokens_fingerprint",
  /** Numbers of the versions we added, oldest first; the fingerprint is the last one's. */
  versions: "orgtokens_versions",
  /** Set while a write is under way: whose it is. */
  claim: "orgtokens_claim",
  /** The secret itself is ours, not only its versions. */
  created: "orgtokens_created",
} as const;

const ourNames: readonly string[] = Object.values(googleNames);

/** A version without what it holds. */
export type GoogleVersion = {
  readonly number: string;
  readonly state: "ENABLED" | "DISABLED" | "DESTROYED";
  readonly etag: string;
  readonly createdAtMs: number;
};

/** A secret as it is seen without the right to read it. */
export type GoogleEntry = {
  readonly etag: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** The newest version; undefined when there was never one. */
  readonly latest: GoogleVersion | undefined;
};

/** Whose entry it is. One of nobody's that holds no secret, such as a prepared one, is none. */
export function describeGoogleEntry(entry: GoogleEntry | undefined): StoredEntry | undefined {
  if (entry === undefined) return undefined;
  const { annotations, latest } = entry;
  const owner = parseEntryTokenTexts(annotations);
  if (owner === undefined) return latest === undefined || latest.state === "DESTROYED" ? undefined : {};
  const fingerprint = annotations[googleNames.fingerprint];
  const isOurs = latest?.state === "ENABLED" && latest.number === parseVersions(entry).at(-1);
  return isOurs && isFingerprint(fingerprint) ? { ...owner, fingerprint, version: latest.number } : owner;
}

/** The numbers of the versions we added. */
export function parseVersions(entry: GoogleEntry | undefined): readonly string[] {
  const text = entry?.annotations[googleNames.versions] ?? "";
  return text.split(",").filter((number) => /^[1-9]\d{0,17}$/.test(number));
}

/** The annotations without what they say of a token. */
export function withoutToken(annotations: GoogleEntry["annotations"]): GoogleEntry["annotations"] {
  const names: readonly string[] = Object.values(entryTokenNames);
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => !names.includes(name)));
}

/** What others keep in the annotations. */
export function withoutOurs(annotations: GoogleEntry["annotations"]): GoogleEntry["annotations"] {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => !ourNames.includes(name)));
}
