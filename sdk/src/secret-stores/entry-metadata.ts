/** What lies beside a secret where the store has no metadata of its own: a line of JSON that names whose it is. */
import { createHash } from "node:crypto";
import { type EntryOwner, entryTokenOf, isFingerprint, parseEntryToken } from "./entry-owner.ts";
import type { StoredEntry } from "./secret-store.ts";

/** The line. Holds no secret. */
export function formatOwner({ fingerprint, ...owner }: EntryOwner): string {
  const { apiTokenId, ...rest } = entryTokenOf(owner);
  return `${JSON.stringify({ apiTokenId, fingerprint, ...rest })}\n`;
}

/** Whose secret a line of ours names; undefined when it is somebody else's text. */
export function parseOwner(text: string): EntryOwner | undefined {
  const { apiTokenId, fingerprint, organizationId, label, expiresAt } = parseMembers(text);
  const token = parseEntryToken({ apiTokenId, organizationId, label, expiresAt });
  return token !== undefined && isFingerprint(fingerprint) ? { ...token, fingerprint } : undefined;
}

/**
 * What a secret and the metadata beside it say together: the metadata names whose it is, and its fingerprint counts only while
 * the secret still has it.
 */
export function describePair(
  secret: string | Uint8Array | undefined,
  metadata: string | undefined,
): StoredEntry | undefined {
  if (metadata === undefined) return secret === undefined ? undefined : {};
  return describeOwned(secret, parseOwner(metadata));
}

/** The same where the metadata has been read already; `owner` is undefined when it names nobody. */
export function describeOwned(secret: string | Uint8Array | undefined, owner: EntryOwner | undefined): StoredEntry {
  if (owner === undefined) return {};
  const isOurs = secret !== undefined && fingerprintOf(secret) === owner.fingerprint;
  const { fingerprint: _, ...changed } = owner;
  return isOurs ? owner : changed;
}

/** The members of a JSON object; none when the text is something else. */
export function parseMembers(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : {};
  } catch {
    // Not ours: the entry counts as somebody else's.
    return {};
  }
}

/** The public fingerprint of a secret. */
export function fingerprintOf(secret: string | Uint8Array): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 16);
}
