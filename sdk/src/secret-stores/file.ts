import { createHash, randomBytes } from "node:crypto";
import { constants, lstat, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { DriverWrite, SecretStoreDriver } from "./driver.ts";
import { withFileLock } from "./file-lock.ts";
import {
  createSecretStore,
  type EntryOwner,
  isFingerprint,
  isId,
  occupied,
  requireReplaceable,
  type SecretStore,
  type StoredEntry,
} from "./secret-store.ts";
import { SecretStoreError, type SecretStoreErrorCode } from "./secret-store-error.ts";

/** Where a secret file is. */
export type FileSecretStoreOptions = {
  /** A relative path starts at the working directory. */
  readonly path: string;
};

/** URI of a file: `file:///run/secrets/ci`. */
export function fileDestination({ path }: FileSecretStoreOptions): string {
  return pathToFileURL(resolve(path)).href;
}

/** The file a URI names; undefined when it names none. */
export function parseFileDestination(destination: string): FileSecretStoreOptions | undefined {
  const url = URL.parse(destination);
  if (url?.protocol !== "file:" || url.hostname !== "") return undefined;
  try {
    return { path: fileURLToPath(url) };
  } catch {
    return undefined; // a character that no path can have
  }
}

/**
 * Opens a file as the place of one secret. For development: the file is not encrypted.
 *
 * The file holds the secret and nothing else, readable by its owner only; it is replaced atomically and flushed to disk.
 * Metadata lies beside it in `<path>.orgtokens.json`. To find out whether somebody changed the file, its content is hashed.
 *
 * @throws SecretStoreError `secret_store_invalid_argument` when the path cannot be used.
 */
export function openFileSecretStore({ path }: FileSecretStoreOptions): SecretStore {
  const destination = fileDestination({ path });
  if (path === "" || /\p{Cc}/u.test(path) || !path.isWellFormed()) {
    const message =
      "The path of a secret file must not be empty, or contain control characters or halves of characters.";
    throw new SecretStoreError("secret_store_invalid_argument", destination, message);
  }
  return createSecretStore(new FileDriver(resolve(path), destination));
}

/** Unfinished files of a crash are left alone this long, in milliseconds: another writer may be at work. */
const unfinishedAgeMs = 60_000;
/** More than any secret or metadata has; the rest of a file that somebody else put there is not read. */
const maxReadBytes = 16_384;

class FileDriver implements SecretStoreDriver {
  readonly destination: string;
  readonly #path: string;
  readonly #metadataPath: string;
  readonly #lockPath: string;

  constructor(path: string, destination: string) {
    this.destination = destination;
    this.#path = path;
    this.#metadataPath = `${path}.orgtokens.json`;
    this.#lockPath = join(dirname(path), `.${basename(path)}.orgtokens.lock`);
  }

  async describe(): Promise<StoredEntry | undefined> {
    const [secret, metadata] = await this.#guard(() =>
      Promise.all([readRegular(this.#path), readRegular(this.#metadataPath)]),
    );
    if (metadata === undefined) return secret === undefined ? undefined : {};
    const owner = parseMetadata(metadata);
    if (owner === undefined) return {};
    const isOurs = secret !== undefined && fingerprintOf(secret) === owner.fingerprint;
    const { fingerprint: _, ...changed } = owner;
    return isOurs ? owner : changed;
  }

  async write(secret: string, { signal, ...write }: DriverWrite) {
    const { apiTokenId, fingerprint, organizationId } = write;
    await this.#guard(() => mkdir(dirname(this.#path), { recursive: true, mode: 0o700 }));
    await this.#locked(signal, async () => {
      requireReplaceable(this.destination, await this.describe(), write);
      signal.throwIfAborted();
      await removeUnfinished(this.#path);
      await replaceFile(this.#metadataPath, `${JSON.stringify({ apiTokenId, fingerprint, organizationId })}\n`);
      await replaceFile(this.#path, secret);
    });
    return { version: undefined };
  }

  async delete(apiTokenId: string, signal: AbortSignal) {
    const found = await this.describe();
    if (found === undefined) return "absent";
    if (found.apiTokenId !== apiTokenId) return "not_ours";
    return this.#locked(signal, async () => {
      const entry = await this.describe();
      if (entry === undefined) return "absent";
      if (entry.apiTokenId !== apiTokenId) return "not_ours";
      await rm(this.#path, { force: true });
      await flushFolder(dirname(this.#path));
      await rm(this.#metadataPath, { force: true });
      return "deleted";
    });
  }

  async read(): Promise<string | undefined> {
    const content = await this.#guard(() => readRegular(this.#path));
    if (content === undefined || content.length < maxReadBytes) return content?.toString("utf8");
    throw new SecretStoreError("secret_store_failed", this.destination, `${this.#path} is too large to be a secret.`);
  }

  async checkWritable(): Promise<void> {
    const entry = await this.describe();
    if (entry !== undefined && entry.apiTokenId === undefined) throw occupied(this.destination, entry);
    await this.#guard(() => checkFolder(dirname(this.#path), unfinishedOf(this.#metadataPath)));
  }

  async close(): Promise<void> {}

  #locked<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    return this.#guard(() => withFileLock(this.#lockPath, signal, run));
  }

  async #guard<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #explain(error: unknown): unknown {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const known = failures[code];
    if (known === undefined) return error;
    return new SecretStoreError(known.code, this.destination, `${this.#path}: ${known.advice} (${code}).`, {
      cause: error,
    });
  }
}

type Failure = { readonly code: SecretStoreErrorCode; readonly advice: string };
const refused: Failure = { code: "secret_store_refused", advice: "the file or its folder may not be written" };
const misplaced: Failure = {
  code: "secret_store_invalid_argument",
  advice: "the path leads through something that is no folder",
};

const failures: Readonly<Record<string, Failure | undefined>> = {
  EACCES: refused,
  EPERM: refused,
  EROFS: refused,
  ENOTDIR: misplaced,
  EEXIST: misplaced,
  ENAMETOOLONG: { code: "secret_store_invalid_argument", advice: "the path is too long" },
  ENOSPC: { code: "secret_store_failed", advice: "the disk is full" },
  EDQUOT: { code: "secret_store_failed", advice: "the quota is used up" },
  ERR_NOT_REGULAR: { code: "secret_store_occupied", advice: "a folder, link or device is in the place of the file" },
};

/** The start of a regular file, all of it below `maxReadBytes`; undefined when there is none. Links are not followed. */
async function readRegular(path: string): Promise<Buffer | undefined> {
  try {
    const status = await lstat(path);
    if (!status.isFile()) throw notRegular();
    // Not following a link, and not waiting for a pipe, that came after the look at it.
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      if (!(await file.stat()).isFile()) throw notRegular();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(maxReadBytes), 0, maxReadBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function notRegular(): Error {
  return Object.assign(new Error("not a regular file"), { code: "ERR_NOT_REGULAR" });
}

/** Replaces a file as a whole: readers see the old content or the new, and after a power cut one of them is there. */
async function replaceFile(path: string, content: string): Promise<void> {
  const unfinished = unfinishedOf(path);
  const file = await open(unfinished, "wx", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await flushFolder(dirname(path));
}

function unfinishedOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.unfinished`);
}

async function flushFolder(path: string): Promise<void> {
  if (process.platform === "win32") return; // a folder cannot be opened there
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes what a crash left of earlier writes. */
async function removeUnfinished(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".unfinished") || !name.startsWith(`.${basename(path)}.`)) continue;
    const status = await lstat(join(folder, name)).catch(() => undefined);
    if (status !== undefined && Date.now() - status.mtimeMs > unfinishedAgeMs)
      await rm(join(folder, name), { force: true });
  }
}

/** Whether the first existing folder on the way is one, and takes a file with the longest name that a write needs. */
async function checkFolder(folder: string, probe: string): Promise<void> {
  try {
    const path = join(folder, basename(probe));
    await (await open(path, "wx", 0o600)).close();
    await rm(path, { force: true });
  } catch (error) {
    const parent = dirname(folder);
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT") || parent === folder) throw error;
    await checkFolder(parent, probe);
  }
}

function parseMetadata(content: Buffer): EntryOwner | undefined {
  try {
    const parsed: unknown = JSON.parse(content.toString("utf8"));
    if (typeof parsed !== "object" || parsed === null || !("apiTokenId" in parsed) || !("fingerprint" in parsed))
      return undefined;
    const { apiTokenId, fingerprint } = parsed;
    if (!isId(apiTokenId) || !isFingerprint(fingerprint)) return undefined;
    const organizationId =
      "organizationId" in parsed && isId(parsed.organizationId) ? parsed.organizationId : undefined;
    return { apiTokenId, fingerprint, ...(organizationId === undefined ? {} : { organizationId }) };
  } catch {
    // Not our metadata: the entry counts as somebody else's.
    return undefined;
  }
}

function fingerprintOf(secret: Buffer): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 16);
}
