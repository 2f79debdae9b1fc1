import type { EntryOwner } from "./entry-owner.ts";
import type { StoredEntry } from "./secret-store.ts";

/** What a write puts down beside the secret, and whose entry it may take over. */
export type DriverWrite = EntryOwner & {
  /** A token whose entry may be replaced besides the owner's own. */
  readonly replacing: string | undefined;
  /** What must be there still; undefined when it does not matter. */
  readonly expecting: StoredEntry | "absent" | undefined;
  readonly signal: AbortSignal;
};

/**
 * The least a backend must do for one place. Arguments are checked, deadlines are in the signals, and what is thrown is
 * wrapped, by `createSecretStore`. A driver throws `SecretStoreError` for what it recognizes.
 *
 * Crash safety: an entry that is not the token's yet is marked as its before the secret is written, and metadata never names a
 * fingerprint that the secret beside it does not have. So a crash at any point leaves an entry that is known to be the
 * token's, and drifted.
 */
export interface SecretStoreDriver {
  /** URI of the place. */
  readonly destination: string;
  /** From metadata, without reading the secret where the backend can tell without. */
  describe(signal: AbortSignal): Promise<StoredEntry | undefined>;
  /** Refuses what `requireReplaceable` refuses, atomically: nobody's write comes between looking and writing. */
  write(secret: string, write: DriverWrite): Promise<{ readonly version: string | undefined }>;
  delete(apiTokenId: string, signal: AbortSignal): Promise<"deleted" | "absent" | "not_ours">;
  /** The secret; undefined when there is none. Left out by a store that gives no secret back. */
  read?(signal: AbortSignal): Promise<string | undefined>;
  /** Finds out, changing nothing, whether a write would be refused. */
  checkWritable(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
