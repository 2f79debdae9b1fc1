import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const neverOurs = new Set(["node_modules", ".git", ".cache", ".terraform", "dist", "cdktf.out", "__snapshots__"]);

/** Lists the files below `root` by their paths relative to it, with slashes, in order; leaves out what is not ours. */
export async function listFiles(
  root: string,
  accept: (path: string) => boolean = () => true,
): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (folder: string) => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      if (neverOurs.has(entry.name)) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile() && accept(path)) found.push(path);
    }
  };
  await walk("");
  return found.sort();
}

/** A source file that people write. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** Reads every source file that is written by hand: TypeScript and the JavaScript that runs before anything is installed. */
export async function readSources(root: string): Promise<readonly SourceText[]> {
  const paths = await listFiles(root, (path) => /\.(?:[cm]?ts|mjs|tsx)$/u.test(path) && !isGeneratedPath(path));
  const sources = await Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(join(root, path), "utf8") })),
  );
  return sources.filter(({ text }) => !isGeneratedText(text));
}

function isGeneratedPath(path: string): boolean {
  return path.includes("/generated/");
}

function isGeneratedText(text: string): boolean {
  return /auto-generated|GENERATED/u.test(text.slice(0, 200));
}

/** A JSON object of unknown members. */
export interface JsonObject {
  readonly [member: string]: unknown;
}

/** Whether a parsed JSON or YAML value is an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as an object; an empty one when it is something else. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The value as a list; an empty one when it is something else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Reads a JSON file. Throws when it is missing or malformed. */
export async function readJson(root: string, path: string): Promise<JsonObject> {
  return asObject(JSON.parse(await readFile(join(root, path), "utf8")));
}
