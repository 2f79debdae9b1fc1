import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Finding } from "./check.ts";
import { type GeneratedFile, generatedFiles } from "./generated-files.ts";
import { listFiles } from "./tree.ts";

/** Generates everything anew, elsewhere, and compares it byte by byte with what is committed. */
export async function checkGenerated(
  root: string,
  files: readonly GeneratedFile[] = generatedFiles,
): Promise<readonly Finding[]> {
  return withTemporaryFolder(async (folder) => {
    const findings: Finding[] = [];
    for (const file of files) {
      const fresh = await writeInto(folder, file, root);
      const committed = join(root, file.path);
      const repair = `run: npm run generate (it is made from ${file.source})`;
      for (const path of new Set([...(await membersOf(committed)), ...(await membersOf(fresh))])) {
        const place = path === "" ? file.path : `${file.path}/${path}`;
        if (!existsSync(join(committed, path))) findings.push({ place, message: `is missing; ${repair}` });
        else if (!existsSync(join(fresh, path))) findings.push({ place, message: `is no longer generated; ${repair}` });
        else if (!(await readFile(join(committed, path))).equals(await readFile(join(fresh, path)))) {
          findings.push({ place, message: `is not what its sources give; ${repair}` });
        }
      }
    }
    return findings;
  });
}

/** Writes one generated file or folder to its place, replacing what is there only once all of it was generated. */
export async function generate(root: string, file: GeneratedFile): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const fresh = await writeInto(folder, file, root);
    const target = join(root, file.path);
    await rm(target, { recursive: true, force: true });
    await mkdir(dirname(target), { recursive: true });
    await cp(fresh, target, { recursive: true });
  });
}

async function writeInto(folder: string, file: GeneratedFile, root: string): Promise<string> {
  const target = join(folder, file.path);
  await mkdir(dirname(target), { recursive: true });
  await file.write(root, target);
  return target;
}

/** The files of a folder; for a file, only itself (the empty path). */
async function membersOf(path: string): Promise<readonly string[]> {
  if (!existsSync(path)) return [];
  return (await stat(path)).isDirectory() ? listFiles(path) : [""];
}

async function withTemporaryFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "orgtokens-generated-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
