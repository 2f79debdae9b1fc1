/** Files that hold secrets or what lies beside them: regular ones only, replaced as a whole, flushed to disk. */
import { randomBytes } from "node:crypto";
import { constants, type FileHandle, lstat, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { checkFolderTakes, failure, flushFolder } from "./folders.ts";

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
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/**
 * Replaces a file as a whole: readers see the old content or the new, and after a power cut one of them is there. Of a file that
 * belongs to somebody else, as root may replace it, the owner stays who can read it.
 */
export async function replaceFile(path: string, content: string): Promise<void> {
  const before = await statusOf(path);
  const unfinished = unfinishedOf(path);
  const file = await open(unfinished, "wx", 0o600);
  try {
    try {
      if (before !== undefined) await keepOwner(file, before);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await flushFolder(dirname(path));
}

async function keepOwner(file: FileHandle, before: { readonly uid: number; readonly gid: number }): Promise<void> {
  const { uid } = await file.stat();
  if (uid !== before.uid) await file.chown(before.uid, before.gid);
}

/** Removes a file for good; one that is gone already is fine. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await flushFolder(dirname(path));
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

/** Finds out whether a file could be replaced: the folder takes one with the longest name that this needs, and its owner can be kept. */
export async function checkReplaceable(path: string): Promise<void> {
  const owner = (await statusOf(path))?.uid;
  const self = process.geteuid?.();
  if (owner !== undefined && self !== undefined && self !== 0 && owner !== self) {
    throw failure("EPERM", "somebody else's file");
  }
  await checkFolderTakes(dirname(path), basename(unfinishedOf(path)));
}

async function statusOf(path: string) {
  return lstat(path).catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw error;
  });
}

function unfinishedOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.unfinished`);
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
