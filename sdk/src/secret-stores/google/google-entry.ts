import { isFingerprint, isId, type StoredEntry } from "../secret-store.ts";

/** What we keep in the annotations of a secret. */
export const googleNames = {
  apiTokenId: "orgtokens_api_token_id",
  organizationId: "orgtokens_organization_id",
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
  const apiTokenId = annotations[googleNames.apiTokenId];
  if (!isId(apiTokenId)) return latest === undefined || latest.state === "DESTROYED" ? undefined : {};
  const organizationId = annotations[googleNames.organizationId];
  const fingerprint = annotations[googleNames.fingerprint];
  const owner = { apiTokenId, ...(isId(organizationId) ? { organizationId } : {}) };
  const isOurs = latest?.state === "ENABLED" && latest.number === parseVersions(entry).at(-1);
  return isOurs && isFingerprint(fingerprint) ? { ...owner, fingerprint, version: latest.number } : owner;
}

/** The numbers of the versions we added. */
export function parseVersions(entry: GoogleEntry | undefined): readonly string[] {
  const text = entry?.annotations[googleNames.versions] ?? "";
  return text.split(",").filter((number) => /^[1-9]\d{0,17}$/.test(number));
}

/** What others keep in the annotations. */
export function withoutOurs(annotations: GoogleEntry["annotations"]): GoogleEntry["annotations"] {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => !ourNames.includes(name)));
}
