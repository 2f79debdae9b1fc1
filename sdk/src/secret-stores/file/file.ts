import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { DriverWrite, SecretStoreDriver } from "../driver.ts";
import {
  createSecretStore,
  occupied,
  requireReplaceable,
  type SecretStore,
  type StoredEntry,
} from "../secret-store.ts";
import { SecretStoreError, type SecretStoreErrorCode } from "../secret-store-error.ts";
import { type FileContent, jsonContent, rawContent } from "./file-content.ts";
import { withFileLock } from "./file-lock.ts";
import { makeFolderOf, requireClosedFolders } from "./folders.ts";
import { checkReplaceable, readRegular, removeFile, removeUnfinished, replaceFile } from "./regular-file.ts";

/** Where a secret file is. */
export type FileSecretStoreOptions = {
  /** A relative path starts at the working directory. */
  readonly path: string;
  /** A key of the JSON object that the file holds; its other keys are kept. Without one the file holds the secret and nothing else. */
  readonly key?: string | undefined;
};

/** URI of a file: `file:///run/secrets/ci`, or of a key in it: `file:///run/secrets/ci.json#token`. */
export function fileDestination({ path, key }: FileSecretStoreOptions): string {
  const fragment = key === undefined ? "" : `#${encodeURIComponent(key.toWellFormed())}`;
  return pathToFileURL(resolve(path)).href + fragment;
}

/** The file a URI names; undefined when it names none. */
export function parseFileDestination(destination: string): FileSecretStoreOptions | undefined {
  const url = URL.parse(destination);
  if (url?.protocol !== "file:" || url.hostname !== "" || url.search !== "") return undefined;
  try {
    const key = decodeURIComponent(url.hash.slice(1));
    url.hash = "";
    return { path: fileURLToPath(url), ...(key === "" ? {} : { key }) };
  } catch {
    return undefined; // a character that no path can have
  }
}

/**
 * Opens a file, or a key of the JSON object in it, as the place of one secret. For development: the file is not encrypted.
 *
 * The file is readable by its owner only, replaced atomically and flushed to disk. A link in its place is refused, and so is a way to it
 * on which somebody else could put another file, wherever links among the folders lead. Metadata lies beside it in `<path>.orgtokens.json`. To find out whether somebody changed the secret, it is
 * read and hashed.
 *
 * @throws SecretStoreError `secret_store_invalid_argument` when the path or the key cannot be used.
 */
export function openFileSecretStore({ path, key }: FileSecretStoreOptions): SecretStore {
  const destination = fileDestination({ path: path.toWellFormed(), key });
  for (const [name, text] of Object.entries({ path, key })) {
    if (text === undefined || (text !== "" && !/\p{Cc}/u.test(text) && text.isWellFormed())) continue;
    const message = `The ${name} of a secret file must not be empty, or contain control characters or halves of characters.`;
    throw new SecretStoreError("secret_store_invalid_argument", destination, message);
  }
  const content = key === undefined ? rawContent : jsonContent(key, destination);
  return createSecretStore(new FileDriver(resolve(path), destination, content));
}

/** More than any secret has, in characters. */
const maxSecretLength = 16_384;

class FileDriver implements SecretStoreDriver {
  readonly destination: string;
  readonly #path: string;
  readonly #metadataPath: string;
  readonly #lockPath: string;
  readonly #content: FileContent;

  constructor(path: string, destination: string, content: FileContent) {
    this.destination = destination;
    this.#path = path;
    this.#content = content;
    this.#metadataPath = `${path}.orgtokens.json`;
    this.#lockPath = join(dirname(path), `.${basename(path)}.orgtokens.lock`);
  }

  async describe(): Promise<StoredEntry | undefined> {
    const { file, metadata } = await this.#read();
    return this.#content.describe(file, metadata);
  }

  async write(secret: string, { signal, ...write }: DriverWrite) {
    await this.#guard(async () => {
      await requireClosedFolders(this.#path);
      await makeFolderOf(this.#path);
    });
    await this.#locked(signal, async () => {
      const { file, metadata } = await this.#read();
      requireReplaceable(this.destination, this.#content.describe(file, metadata), write);
      signal.throwIfAborted();
      await removeUnfinished(this.#path);
      // Both are made before either is written: what cannot be kept is refused with nothing changed.
      const [newMetadata, newFile] = [this.#content.own(metadata, write), this.#content.put(file, secret)];
      await replaceFile(this.#metadataPath, newMetadata);
      await replaceFile(this.#path, newFile);
    });
    return { version: undefined };
  }

  async delete(apiTokenId: string, signal: AbortSignal) {
    const found = await this.describe();
    if (found === undefined) return "absent";
    if (found.apiTokenId !== apiTokenId) return "not_ours";
    return this.#locked(signal, async () => {
      const { file, metadata } = await this.#read();
      const entry = this.#content.describe(file, metadata);
      if (entry === undefined) return "absent";
      if (entry.apiTokenId !== apiTokenId) return "not_ours";
      const rest = this.#content.remove(file);
      if (rest !== file?.toString("utf8")) await replaceOrRemove(this.#path, rest);
      await replaceOrRemove(this.#metadataPath, this.#content.disown(metadata));
      return "deleted";
    });
  }

  async read(): Promise<string | undefined> {
    const { file } = await this.#read();
    const secret = this.#content.secret(file);
    if (secret === undefined || secret.length <= maxSecretLength) return secret;
    throw new SecretStoreError("secret_store_failed", this.destination, `${this.#path} is too large to be a secret.`);
  }

  async checkWritable(): Promise<void> {
    const { file, metadata } = await this.#read();
    const entry = this.#content.describe(file, metadata);
    if (entry !== undefined && entry.apiTokenId === undefined) throw occupied(this.destination, entry);
    this.#content.put(file, "-");
    await this.#guard(async () => {
      await requireClosedFolders(this.#path);
      for (const path of [this.#path, this.#metadataPath]) await checkReplaceable(path);
    });
  }

  async close(): Promise<void> {}

  async #read(): Promise<{ readonly file: Buffer | undefined; readonly metadata: string | undefined }> {
    const [file, metadata] = await this.#guard(() =>
      Promise.all([readRegular(this.#path), readRegular(this.#metadataPath)]),
    );
    return { file, metadata: metadata?.toString("utf8") };
  }

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

/** Undefined content: there is to be no file. */
function replaceOrRemove(path: string, content: string | undefined): Promise<void> {
  return content === undefined ? removeFile(path) : replaceFile(path, content);
}

type Failure = { readonly code: SecretStoreErrorCode; readonly advice: string };
const refused: Failure = {
  code: "secret_store_refused",
  advice: "the file or its folder may not be written, or is another user's",
};
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
  ELOOP: misplaced,
  ENAMETOOLONG: { code: "secret_store_invalid_argument", advice: "the path is too long" },
  ENOSPC: { code: "secret_store_failed", advice: "the disk is full" },
  EDQUOT: { code: "secret_store_failed", advice: "the quota is used up" },
  ERR_NOT_REGULAR: { code: "secret_store_occupied", advice: "a folder, link or device is in the place of the file" },
  ERR_FOLDER_OPEN: {
    code: "secret_store_refused",
    advice: "anybody may write a folder on the way and could replace the file; take that right away (chmod o-w)",
  },
  ERR_FOLDER_SHARED: {
    code: "secret_store_refused",
    advice:
      "it lies in a folder for everybody, such as /tmp, and belongs to somebody else; choose a folder of your own",
  },
};
