import { entryTokenNames, isFingerprint, parseEntryTokenTexts } from "../entry-owner.ts";
import type { StoredEntry } from "../secret-store.ts";

/** What we keep in the tags of a version. Tags belong to a version and are written with it, in one request. */
export const azureNames = {
  ...entryTokenNames,
  fingerprint: "orgtokens_fingerprint",
  /** One more than the number of versions that its writer saw. */
  sequence: "orgtokens_sequence",
} as const;

const ourNames: readonly string[] = Object.values(azureNames);

/** A version without what it holds. */
export type AzureVersion = {
  readonly id: string;
  /** In whole seconds. */
  readonly createdAtMs: number;
  readonly isEnabled: boolean;
  readonly contentType: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
};

/**
 * The newest of all versions; undefined when nobody can tell. One whose writer saw all others is, whatever the clocks say.
 * Otherwise it is the only one of the latest second.
 */
export function findNewest(versions: readonly AzureVersion[]): AzureVersion | undefined {
  const last = versions.filter(({ tags }) => tags[azureNames.sequence] === String(versions.length));
  if (last.length === 1) return last[0];
  const latestMs = Math.max(...versions.map(({ createdAtMs }) => createdAtMs));
  const latest = versions.filter(({ createdAtMs }) => createdAtMs === latestMs);
  return latest.length === 1 ? latest[0] : undefined;
}

/** Whose entry all versions of a secret are together. */
export function describeAzureEntry(versions: readonly AzureVersion[]): StoredEntry | undefined {
  if (versions.length === 0) return undefined;
  const ours = versions.filter(({ tags }) => parseEntryTokenTexts(tags) !== undefined);
  const newest = findNewest(versions);
  const owner = parseEntryTokenTexts(
    (newest !== undefined && ours.includes(newest) ? newest : findLast(ours))?.tags ?? {},
  );
  if (owner === undefined) return {};
  const fingerprint = newest?.tags[azureNames.fingerprint];
  const isKnown = newest?.isEnabled === true && isFingerprint(fingerprint) && !isCopied(newest, versions);
  return isKnown ? { ...owner, fingerprint, version: newest.id } : owner;
}

/** What others keep in the tags of the newest version, which a new one takes over. */
export function tagsOfOthers(newest: AzureVersion | undefined): AzureVersion["tags"] {
  return Object.fromEntries(Object.entries(newest?.tags ?? {}).filter(([name]) => !ourNames.includes(name)));
}

/** One of the latest, the same for whoever asks, also where nobody can tell which is the newest. */
export function findLast(versions: readonly AzureVersion[]): AzureVersion | undefined {
  const rank = ({ tags, id }: AzureVersion) => `${(tags[azureNames.sequence] ?? "").padStart(9, "0")} ${id}`;
  return versions
    .toSorted((one, other) => one.createdAtMs - other.createdAtMs || rank(one).localeCompare(rank(other), "en"))
    .at(-1);
}

/** Whether somebody else made a version with tags of ours, as the portal offers: they say nothing about what it holds. */
function isCopied(newest: AzureVersion, versions: readonly AzureVersion[]): boolean {
  const isAlike = ({ id, tags }: AzureVersion) =>
    id !== newest.id && [azureNames.sequence, azureNames.fingerprint].every((name) => tags[name] === newest.tags[name]);
  return versions.some(isAlike);
}
