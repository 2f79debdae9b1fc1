import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../../provider/terraform-provider-orgtokens", import.meta.url));

/** A folder with the provider's launcher that writes down the id of each process it becomes. */
export type TracedProvider = {
  readonly folder: string;
  /** Ends the newest process as a crash does, and waits until it is gone. */
  killNewest(): Promise<void>;
};

export async function createTracedProvider(parent: string): Promise<TracedProvider> {
  const folder = join(parent, "provider");
  const ids = join(parent, "process-ids");
  const script = join(folder, "terraform-provider-orgtokens");
  await mkdir(folder);
  await writeFile(ids, "");
  await writeFile(script, `#!/bin/sh\necho $$ >> ${JSON.stringify(ids)}\nexec ${JSON.stringify(launcher)}\n`);
  await chmod(script, 0o755);
  return {
    folder,
    async killNewest() {
      const newest = Number((await readFile(ids, "utf8")).trim().split("\n").at(-1));
      process.kill(newest, "SIGKILL");
      for (const deadline = Date.now() + 5000; Date.now() < deadline && isRunning(newest); await sleep(10));
    },
  };
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}
