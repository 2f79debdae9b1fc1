import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JsonObject } from "../check/tree.ts";

/** Where the package.json of the repository waits while npm packs: Git ignores it, and it is in no package. */
const waitingRoom = ".cache";
const waiting = join(waitingRoom, "package.json");

/** Puts a manifest in the place of a folder's package.json, which {@link restoreManifest} brings back as it was, byte for byte. */
export async function replaceManifest(folder: string, manifest: JsonObject): Promise<void> {
  const path = join(folder, "package.json");
  await mkdir(join(folder, waitingRoom), { recursive: true });
  await writeFile(join(folder, "package.json.new"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await writeFile(join(folder, waiting), await readFile(path));
  await rename(join(folder, "package.json.new"), path);
}

/** Puts the package.json of the repository back, if another one stands in its place: also after a packing that was killed. */
export async function restoreManifest(folder: string): Promise<void> {
  if (existsSync(join(folder, waiting))) await rename(join(folder, waiting), join(folder, "package.json"));
}
