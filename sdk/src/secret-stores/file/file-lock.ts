import { randomBytes } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** How often a lock that another writer holds is looked at, in milliseconds. */
const pollMs = 10;
/** A lock this old is left over, whoever made it: no call of a store takes longer. In milliseconds. */
const leftOverAgeMs = 60_000;
/** The same of a lock that nobody has signed: its process was killed between making and signing it. In milliseconds. */
const unsignedAgeMs = 3_000;

/**
 * Runs `run` while no other writer of this library holds the lock file `path`, in this process or in another one. A lock that a
 * killed process left behind is taken over: at once on the machine it ran on, elsewhere when it is a minute old.
 *
 * @throws the signal's reason when the lock stays held.
 */
export async function withFileLock<T>(path: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  const signature = `${hostname()}\n${process.pid}\n${randomBytes(6).toString("hex")}\n`;
  while (!(await take(path, signature))) {
    const isFree = (await isLeftOver(path)) && (await clearAway(path));
    if (!isFree) await sleep(pollMs, undefined, { signal });
  }
  try {
    return await run();
  } finally {
    if ((await readLock(path))?.content === signature) await rm(path, { force: true });
  }
}

async function take(path: string, signature: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(signature);
    } catch (error) {
      await rm(path, { force: true }); // as on a full disk
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

async function isLeftOver(path: string): Promise<boolean> {
  const lock = await readLock(path);
  if (lock === undefined) return false;
  if (lock.ageMs > (lock.content === "" ? unsignedAgeMs : leftOverAgeMs)) return true;
  const [machine, pid] = lock.content.split("\n");
  if (machine !== hostname() || isRunning(Number(pid))) return false;
  // It may have released the lock before it ended; what it holds now it holds for ever.
  return (await readLock(path))?.content === lock.content;
}

/** Whether a lock that was left over is gone. Of all that find it one looks again and removes it: another's may be there by now. */
async function clearAway(path: string): Promise<boolean> {
  const turn = `${path}.clearing`;
  if (!(await take(turn, ""))) {
    if (((await readLock(turn))?.ageMs ?? 0) > unsignedAgeMs) await rm(turn, { force: true });
    return false;
  }
  try {
    if (await isLeftOver(path)) await rm(path, { force: true });
    return true;
  } finally {
    await rm(turn, { force: true });
  }
}

type Lock = { readonly content: string; readonly ageMs: number };

/** What a lock file says, and how old it is; undefined when there is none. */
async function readLock(path: string): Promise<Lock | undefined> {
  try {
    const file = await open(path, "r");
    try {
      const { mtimeMs } = await file.stat();
      return { content: await file.readFile("utf8"), ageMs: Date.now() - mtimeMs };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, "ESRCH");
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
