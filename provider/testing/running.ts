import { readFileSync } from "node:fs";

/** Whether a process runs. One that has ended, and that nobody has asked for its exit code yet, does not. */
export function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
  } catch {
    return false;
  }
  return !isZombie(id);
}

function isZombie(id: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    return / Z /.test(readFileSync(`/proc/${id}/stat`, "utf8").replace(/^.*\)/s, ""));
  } catch {
    return true;
  }
}
