import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Writes files, by path, into a temporary folder that the running test owns, and gives the folder. */
export async function writeTree(files: { readonly [path: string]: string }): Promise<string> {
  const root = await temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}
