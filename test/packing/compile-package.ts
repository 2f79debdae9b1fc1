import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runTool } from "../check/run-tool.ts";
import { listFiles } from "../check/tree.ts";

/**
 * Compiles `src` of a workspace into `dist`, as its tsconfig.pack.json says: ECMAScript modules, and declarations with the docstrings.
 *
 * @throws when the sources have errors; nothing is packed then.
 */
export async function compilePackage(folder: string): Promise<void> {
  await rm(join(folder, "dist"), { recursive: true, force: true });
  const { status, stdout } = await runTool("typescript", "tsc", ["--project", "tsconfig.pack.json"], { folder });
  if (status !== 0) throw new Error(`The sources do not compile:\n${stdout}`);
  // The compiler takes these for input only.
  for (const path of await listFiles(join(folder, "src"), (name) => name.endsWith(".d.ts")))
    await copyFile(join(folder, "src", path), join(folder, "dist", path));
  for (const path of await listFiles(join(folder, "dist"), (name) => name.endsWith(".d.ts"))) {
    const file = join(folder, "dist", path);
    await writeFile(file, nameCompiledFiles(await readFile(file, "utf8")));
  }
}

/** The compiler rewrites what programs import, but not what declarations do: `./client.ts`, which is not in the package. */
export function nameCompiledFiles(declarations: string): string {
  return declarations.replaceAll(/(?<=\b(?:from |import\()"\.[^"]*?)(?:\.d)?\.ts(?=")/gu, ".js");
}
