import { randomBytes } from "node:crypto";
import { lstat, open, readFile, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** How often a lock that another writer holds is looked at, in milliseconds. */
const pollMs = 10;
/** A lock this old is left over, whoever made it: no call of a store takes longer. In milliseconds. */
const leftOverAgeMs = 60_000;

/**
 * Runs `run` while no other writer of this library holds the lock file `path`, in this process or in another one. A lock that a
 * killed process left behind is taken over: at once on the machine it ran on, elsewhere when it is a minute old.
 *
 * @throws the signal's reason when the lock stays held.
 */
export async function withFileLock<T>(path: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  while (!(await take(path))) {
    if (await isLeftOver(path)) await clearAway(path);
    else await sleep(pollMs, undefined, { signal });
  }
  try {
    return await run();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(`${hostname()}\n${process.pid}\n`);
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
  try {
    const [status, content] = await Promise.all([lstat(path), readFile(path, "utf8")]);
    if (Date.now() - status.mtimeMs > leftOverAgeMs) return true;
    const [machine, pid] = content.split("\n");
    return machine === hostname() && !isRunning(Number(pid));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

/** Two that find the same left-over lock: one moves it away; what the other moves is a fresh lock, and goes back. */
async function clearAway(path: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString("hex")}.unfinished`;
  try {
    await rename(path, aside);
    if (await isLeftOver(aside)) await rm(aside, { force: true });
    else await rename(aside, path);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
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
