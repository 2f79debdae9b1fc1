import { parseMembers } from "../entry-metadata.ts";
import { type EntryToken, entryTokenOf, isFingerprint, parseEntryToken } from "../entry-owner.ts";
import type { StoredEntry } from "../secret-store.ts";

/** What the variable beside a secret says. */
export type GitHubMark = EntryToken & {
  /** How often we have written the secret. */
  readonly version: number;
  /** Missing while a write is under way, and after one that was cut short. */
  readonly written?: { readonly fingerprint: string; readonly updatedAt: string };
};

/** A secret and the variable beside it. */
export type GitHubEntry = {
  readonly secret: GitHubSecretState | undefined;
  /** The text of the variable; undefined when there is none. */
  readonly text: string | undefined;
  readonly mark: GitHubMark | undefined;
  /** GitHub's time when they were read. */
  readonly atMs: number;
};

/** What GitHub shows of a secret. */
export type GitHubSecretState = {
  /** To the second. */
  readonly updatedAt: string;
  /** Of an organization's secret. */
  readonly visibility: string | undefined;
};

/** The text of the variable. */
export function formatMark({ version, written, ...token }: GitHubMark): string {
  return JSON.stringify({ ...entryTokenOf(token), ...written, version });
}

/** What a variable says; undefined when it is not ours. */
export function parseMark(text: string): GitHubMark | undefined {
  const { version, fingerprint, updatedAt, apiTokenId, organizationId, label, expiresAt } = parseMembers(text);
  const token = parseEntryToken({ apiTokenId, organizationId, label, expiresAt });
  if (token === undefined) return undefined;
  const isWritten = isFingerprint(fingerprint) && typeof updatedAt === "string" && !Number.isNaN(Date.parse(updatedAt));
  return {
    ...token,
    version: Number.isSafeInteger(version) ? Number(version) : 0,
    ...(isWritten ? { written: { fingerprint, updatedAt } } : {}),
  };
}

/** Whose entry it is. The fingerprint counts only while GitHub says that the secret was not written since. */
export function describeGitHubEntry({ secret, text, mark }: GitHubEntry): StoredEntry | undefined {
  if (mark === undefined) return secret === undefined && text === undefined ? undefined : {};
  const { written, version } = mark;
  const token = entryTokenOf(mark);
  if (written === undefined || secret?.updatedAt !== written.updatedAt) return token;
  return { ...token, fingerprint: written.fingerprint, version: String(version) };
}
