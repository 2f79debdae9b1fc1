import type { SecretStoreDriver } from "./driver.ts";
import {
  type EntryOwner,
  type EntryToken,
  entryTokenOf,
  isFingerprint,
  isId,
  presentableLabel,
  presentableTime,
} from "./entry-owner.ts";
import { SecretStoreError } from "./secret-store-error.ts";

/** What the metadata of an entry says of the token whose secret it is: nothing when the entry is not one of ours. */
export type StoredEntry = Partial<EntryToken> & {
  /** The fingerprint of the secret; undefined when somebody else has changed the entry since we wrote it. */
  readonly fingerprint?: string;
  /** The version of the entry, where the store has versions. */
  readonly version?: string;
};

/** What a write left behind. */
export type StoredReceipt = { readonly fingerprint: string; readonly version: string | undefined };

/** What each call may be given. */
export type StoreCallOptions = {
  /** Ends the call early. Every call also ends after 20 s. */
  readonly signal?: AbortSignal;
};

/** Under which conditions a write takes place. */
export type StoreWriteOptions = StoreCallOptions & {
  /** A token known to be dead, whose entry may be replaced. */
  readonly replacing?: string | undefined;
  /** What `describe` said before. When it would say something else now, nothing is written: `secret_store_conflict`. */
  readonly expecting?: StoredEntry | "absent" | undefined;
};

/**
 * One place in a secret store, which holds at most one secret. Each method throws {@link SecretStoreError}, or the signal's
 * reason when the caller aborts.
 */
export interface SecretStore {
  /** URI of the place, such as `vault://kv/ci/orgtokens#token`. */
  readonly destination: string;
  /** What the metadata says; undefined when there is no entry. */
  describe(options?: StoreCallOptions): Promise<StoredEntry | undefined>;
  /**
   * Puts the secret in its place, atomically. An entry of another token or of somebody else is refused with
   * `secret_store_occupied`, except one of `replacing`. Of two writers at once, one gets its entry and the other waits or is
   * refused with `secret_store_conflict`. Label and expiry go into the metadata as they are now.
   */
  write(secret: string, owner: EntryOwner, options?: StoreWriteOptions): Promise<StoredReceipt>;
  /** Deletes the entry with its metadata if it names the token. Repeating it is harmless. */
  delete(apiTokenId: string, options?: StoreCallOptions): Promise<"deleted" | "absent" | "not_ours">;
  /** Whether the store gives a secret back. Of one that does not, `read` throws `secret_store_unreadable`. */
  readonly isReadable: boolean;
  /** The secret; undefined when there is none. */
  read(options?: StoreCallOptions): Promise<string | undefined>;
  /** Finds out, changing nothing, whether a write would be refused. What it accepts can still fail. */
  checkWritable(options?: StoreCallOptions): Promise<void>;
  /** Gives up connections. Other methods throw `secret_store_closed` afterwards. */
  close(): Promise<void>;
}

/** How long one call may take, in milliseconds. */
const deadlineMs = 20_000;
/** How long a driver may take to end once its signal was aborted, in milliseconds. */
const graceMs = 5000;
/** The longest secret, in UTF-8 bytes. */
const maxSecretBytes = 4096;
/** The longest URI, as the contract's `Destination`. */
const maxDestinationLength = 512;

/**
 * Makes a store of a backend's driver: checks arguments, sets deadlines, wraps errors.
 * @throws SecretStoreError `secret_store_invalid_argument` when the destination is too long.
 */
export function createSecretStore(driver: SecretStoreDriver): SecretStore {
  const { destination } = driver;
  const refuse = (message: string): never => {
    throw new SecretStoreError("secret_store_invalid_argument", destination, message);
  };
  if (destination.length > maxDestinationLength) {
    refuse(
      `The URI of the place has ${destination.length} characters; at most ${maxDestinationLength} are possible. Shorten the path.`,
    );
  }
  let isClosed = false;

  async function call<T>(options: StoreCallOptions | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (isClosed)
      throw new SecretStoreError("secret_store_closed", destination, `The handle on ${destination} is closed.`);
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = options?.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
    signal.throwIfAborted();
    try {
      return await orGivenUp(run(signal), signal);
    } catch (error) {
      options?.signal?.throwIfAborted();
      throw wrap(error, destination, deadline);
    }
  }

  return {
    destination,
    describe: (options) => call(options, (signal) => driver.describe(signal)),
    async write(secret, owner, options) {
      const bytes = Buffer.byteLength(secret);
      if (bytes === 0 || bytes > maxSecretBytes) refuse(`A secret must have 1 to ${maxSecretBytes} bytes.`);
      const { replacing, expecting } = options ?? {};
      const write = { ...checkOwner(owner, refuse), replacing, expecting };
      const { version } = await call(options, (signal) => driver.write(secret, { ...write, signal }));
      return { fingerprint: owner.fingerprint, version };
    },
    delete: (apiTokenId, options) => call(options, (signal) => driver.delete(apiTokenId, signal)),
    isReadable: driver.read !== undefined,
    read: (options) =>
      call(options, (signal) => {
        if (driver.read === undefined) throw unreadable(destination);
        return driver.read(signal);
      }),
    checkWritable: (options) => call(options, (signal) => driver.checkWritable(signal)),
    async close() {
      if (isClosed) return;
      isClosed = true;
      await driver.close();
    },
  };
}

function checkOwner(owner: EntryOwner, refuse: (message: string) => never): EntryOwner {
  const { apiTokenId, fingerprint, organizationId, label } = owner;
  if (!isId(apiTokenId)) refuse("The token's id must be 24 hexadecimal characters.");
  if (organizationId !== undefined && !isId(organizationId))
    refuse("The organization's id must be 24 hexadecimal characters.");
  if (!isFingerprint(fingerprint)) refuse("The fingerprint must be 16 hexadecimal characters.");
  const expiresAt = presentableTime(owner.expiresAt);
  if (owner.expiresAt !== undefined && expiresAt === undefined) refuse("The expiry must be a time as in RFC 3339.");
  return { ...entryTokenOf({ apiTokenId, organizationId, label: presentableLabel(label), expiresAt }), fingerprint };
}

/**
 * Whether a write may take the place of `entry`, which is what the driver has found.
 * @throws SecretStoreError `secret_store_occupied`, `secret_store_conflict`
 */
export function requireReplaceable(
  destination: string,
  entry: StoredEntry | undefined,
  write: ReplaceConditions,
): void {
  const { apiTokenId, replacing, expecting } = write;
  if (expecting !== undefined && !isSameEntry(entry, expecting === "absent" ? undefined : expecting))
    throw conflict(destination);
  if (entry === undefined) return;
  const isReplaceable = entry.apiTokenId !== undefined && [apiTokenId, replacing].includes(entry.apiTokenId);
  if (!isReplaceable) throw occupied(destination, entry);
}

type ReplaceConditions = Pick<StoreWriteOptions, "replacing" | "expecting"> & { readonly apiTokenId: string };

/** Label and expiry do not count: a token that was relabelled since is the same. */
function isSameEntry(one: StoredEntry | undefined, other: StoredEntry | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.apiTokenId === other.apiTokenId && one.fingerprint === other.fingerprint && one.version === other.version;
}

/** The error of a place that somebody else wrote while we did. */
export function conflict(destination: string): SecretStoreError {
  const message = `Somebody else wrote ${destination} at the same time. Repeat the delivery.`;
  return new SecretStoreError("secret_store_conflict", destination, message);
}

/** The error of a store that gives no secret back. */
function unreadable(destination: string): SecretStoreError {
  const message = `${destination} is in a store that gives no secret back. What it holds is known from its metadata only.`;
  return new SecretStoreError("secret_store_unreadable", destination, message);
}

/** The error of a place that is not the writer's. */
export function occupied(destination: string, entry: StoredEntry | undefined): SecretStoreError {
  const whose =
    entry?.apiTokenId === undefined
      ? "something that orgtokens did not write"
      : `the secret of the token ${entry.apiTokenId}${entry.organizationId === undefined ? "" : ` of the organization ${entry.organizationId}`}${entry.label === undefined ? "" : ` ("${entry.label}")`}`;
  return new SecretStoreError(
    "secret_store_occupied",
    destination,
    `${destination} holds ${whose}. Choose another place, or delete what is there.`,
  );
}

/**
 * What a driver answers, or the signal's reason when it has not ended {@link graceMs} after the signal: nobody waits for ever for
 * a file system, or a library, that does not listen.
 */
async function orGivenUp<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const given = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const giveUp = (): void => {
    timer = setTimeout(() => given.reject(signal.reason), graceMs);
  };
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([answer, given.promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
    clearTimeout(timer);
  }
}

/** The system's code of an error, such as ` (ENOTDIR)`: it says why, and quotes nothing. */
function codeOf(error: unknown): string {
  const isCode = error instanceof Error && "code" in error && /^[A-Z][A-Z0-9_]{2,40}$/.test(String(error.code));
  return isCode ? ` (${String(error.code)})` : "";
}

function wrap(error: unknown, destination: string, deadline: AbortSignal): SecretStoreError {
  if (error instanceof SecretStoreError) return error;
  if (deadline.aborted) {
    const message = `The store of ${destination} did not answer within ${deadlineMs / 1000} s.`;
    return new SecretStoreError("secret_store_unreachable", destination, message, { cause: error });
  }
  return new SecretStoreError(
    "secret_store_failed",
    destination,
    `The store of ${destination} failed${codeOf(error)}.`,
    {
      cause: error,
    },
  );
}
