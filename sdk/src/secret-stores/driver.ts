import type { EntryOwner, StoredEntry } from "./secret-store.ts";

/** What a write puts down beside the secret, and whose entry it may take over. */
export type DriverWrite = EntryOwner & {
  /** A token whose entry may be replaced besides the owner's own. */
  readonly replacing: string | undefined;
  readonly signal: AbortSignal;
};

/**
 * The least a backend must do for one place. Arguments are checked, deadlines are in the signals, and what is thrown is
 * wrapped, by `createSecretStore`. A driver throws `SecretStoreError` for what it recognizes.
 *
 * Crash safety: metadata is written before the secret, naming the secret it announces, so that a crash between the two shows
 * as a difference and the entry is known to be ours.
 */
export interface SecretStoreDriver {
  /** URI of the place. */
  readonly destination: string;
  /** From metadata, without reading the secret where the backend can tell without. */
  describe(signal: AbortSignal): Promise<StoredEntry | undefined>;
  /** Refuses with `secret_store_occupied` what belongs neither to the owner nor to `replacing`. Atomic. */
  write(secret: string, write: DriverWrite): Promise<{ readonly version: string | undefined }>;
  delete(apiTokenId: string, signal: AbortSignal): Promise<"deleted" | "absent" | "not_ours">;
  read(signal: AbortSignal): Promise<string | undefined>;
  /** Finds out, changing nothing, whether a write would be refused. */
  checkWritable(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
