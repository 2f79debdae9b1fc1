/** Files that hold secrets or what lies beside them: regular ones only, replaced as a whole, flushed to disk. */
import { randomBytes } from "node:crypto";
import { constants, lstat, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import process from "node:process";

/** More than any file with secrets or metadata has; the rest of one that somebody else put there is not read. */
const maxReadBytes = 1_048_576;
/** Unfinished files of a crash are left alone this long, in milliseconds: another writer may be at work. */
const unfinishedAgeMs = 60_000;

/** A regular file, or the start of one of more than a megabyte; undefined when there is none. Links are not followed. */
export async function readRegular(path: string): Promise<Buffer | undefined> {
  try {
    const status = await lstat(path);
    if (!status.isFile()) throw failure("ERR_NOT_REGULAR", "not a regular file");
    // Not following a link, and not waiting for a pipe, that came after the look at it.
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      if (!(await file.stat()).isFile()) throw failure("ERR_NOT_REGULAR", "not a regular file");
      const length = Math.min(maxReadBytes, status.size + 1);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Replaces a file as a whole: readers see the old content or the new, and after a power cut one of them is there. */
export async function replaceFile(path: string, content: string): Promise<void> {
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

/** Removes a file for good; one that is gone already is fine. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await flushFolder(dirname(path));
}

/** Makes the folder of a file, for its owner only, where it is missing. */
export async function makeFolderOf(path: string): Promise<void> {
  await makeFolder(dirname(path));
}

/** Not Node's recursive one: where a file system makes no folders and says ENOENT, as /proc does, that one never ends. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (await isFolder(folder)) return;
    const parent = dirname(folder);
    if (code !== "ENOENT" || parent === folder || (await isFolder(parent))) throw error;
    await makeFolder(parent);
    await makeFolder(folder);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}

/**
 * Finds out whether others could put a file of theirs in the place of one in `folder`: where anybody may write a folder on the way
 * there, and neither owns what he may remove (the sticky bit). A folder that does not exist is made by us, for its owner only.
 *
 * @throws an error with the code ERR_FOLDER_OPEN and the `folder`.
 */
export async function requireClosedFolders(folder: string): Promise<void> {
  if (process.platform === "win32") return; // access is not told by modes there
  const status = await stat(folder).catch(() => undefined);
  if (status !== undefined && (status.mode & 0o002) !== 0 && (status.mode & 0o1000) === 0) {
    throw Object.assign(failure("ERR_FOLDER_OPEN", "a folder that anybody may write"), { folder });
  }
  const parent = dirname(folder);
  if (parent !== folder) await requireClosedFolders(parent);
}

/** Removes what a crash left of earlier writes of a file. */
export async function removeUnfinished(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".unfinished") || !name.startsWith(`.${basename(path)}.`)) continue;
    const status = await lstat(join(folder, name)).catch(() => undefined);
    if (status !== undefined && Date.now() - status.mtimeMs > unfinishedAgeMs)
      await rm(join(folder, name), { force: true });
  }
}

/** Finds out whether the first existing folder on the way is one, and takes a file with the longest name that a write needs. */
export async function checkFolderOf(path: string): Promise<void> {
  await probe(dirname(path), basename(unfinishedOf(path)));
}

async function probe(folder: string, name: string): Promise<void> {
  try {
    const path = join(folder, name);
    await (await open(path, "wx", 0o600)).close();
    await rm(path, { force: true });
  } catch (error) {
    const parent = dirname(folder);
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT") || parent === folder) throw error;
    await probe(parent, name);
  }
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

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
