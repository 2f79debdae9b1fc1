/** The folders around files that hold secrets: made, flushed, and closed to those who could put a file of theirs in the place. */
import { lstat, mkdir, open, readlink, rm, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, sep } from "node:path";
import process from "node:process";

/** Makes the folder of a file, for its owner only, where it is missing; for good also after a power cut. */
export async function makeFolderOf(path: string): Promise<void> {
  await makeFolder(dirname(path));
}

/** Not Node's recursive one: where a file system makes no folders and says ENOENT, as /proc does, that one never ends. */
async function makeFolder(folder: string): Promise<void> {
  const failed = await attemptFolder(folder);
  if (failed === undefined) return;
  const parent = dirname(folder);
  if (failed.code !== "ENOENT" || parent === folder) throw failed.error;
  if (!(await isFolder(parent))) await makeFolder(parent);
  // The parent is there, perhaps because somebody else has made it since.
  const failedAgain = await attemptFolder(folder);
  if (failedAgain !== undefined) throw failedAgain.error;
}

/** Undefined when the folder is there, whoever made it. */
async function attemptFolder(folder: string): Promise<{ readonly error: unknown; readonly code: unknown } | undefined> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (await isFolder(folder)) return undefined;
    return { error, code: error instanceof Error && "code" in error ? error.code : undefined };
  }
  await flushFolder(dirname(folder));
  return undefined;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}

/** The most links on a way, as Linux has it. */
const maxLinks = 40;

/**
 * Finds out whether others could put a file of theirs in the place of `path`. Links among the folders are followed, and the way that
 * they lead is looked at like the way that was named. What does not exist yet is made by us, for its owner only.
 *
 * @throws an error with a code: ERR_FOLDER_OPEN when anybody may write a folder on the way, ERR_FOLDER_SHARED when somebody else
 *   has put what lies on the way in a folder for everybody, where each owns what is his (the sticky bit, as `/tmp` has it).
 */
export async function requireClosedFolders(path: string): Promise<void> {
  if (process.platform === "win32") return; // access is not told by modes there
  const steps = path.split(sep).filter(Boolean);
  let at: string = sep;
  let links = 0;
  for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
    const isShared = await requireClosed(at);
    const next = join(at, step);
    const status = await lstat(next).catch(() => undefined);
    if (status === undefined) return;
    if (isShared && status.uid !== 0 && status.uid !== process.geteuid?.()) {
      throw failure("ERR_FOLDER_SHARED", "somebody else's, in a folder for everybody");
    }
    // A link in the place of the file itself is refused by who reads it.
    if (!status.isSymbolicLink() || steps.length === 0) at = next;
    else {
      links += 1;
      if (links > maxLinks) throw failure("ELOOP", "too many links");
      const target = await readlink(next);
      if (isAbsolute(target)) at = sep;
      steps.unshift(...target.split(sep).filter(Boolean));
    }
  }
}

/** Whether anybody may put something of his there, but not touch what is others'. */
async function requireClosed(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  const [isOpen, isSticky] = [(mode & 0o002) !== 0, (mode & 0o1000) !== 0];
  if (isOpen && !isSticky) throw failure("ERR_FOLDER_OPEN", "a folder that anybody may write");
  return isOpen;
}

/** Finds out whether the first existing folder on the way is one, and takes a file of the name. */
export async function checkFolderTakes(folder: string, name: string): Promise<void> {
  try {
    const path = join(folder, name);
    await (await open(path, "wx", 0o600)).close();
    await rm(path, { force: true });
  } catch (error) {
    const parent = dirname(folder);
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT") || parent === folder) throw error;
    await checkFolderTakes(parent, name);
  }
}

/** Makes names in a folder last through a power cut. */
export async function flushFolder(path: string): Promise<void> {
  if (process.platform === "win32") return; // a folder cannot be opened there
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** An error that says by its code what is wrong with a file or folder. */
export function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
