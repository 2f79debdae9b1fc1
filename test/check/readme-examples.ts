import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A code block of a document that shows a file: its info string is a language and the file's path. */
const block = /^```(?<language>\w+) (?<path>\S+)\n(?<content>[\s\S]*?)^```$/gm;

/** The files that a document shows, by path. */
export function shownFiles(document: string): ReadonlyMap<string, string> {
  return new Map(
    [...document.matchAll(block)].map(({ groups }) => [groups?.["path"] ?? "", groups?.["content"] ?? ""] as const),
  );
}

/** The code blocks of a language that show no file: fragments, in order. */
export function unnamedFragments(document: string, language: string): readonly string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm");
  return [...document.matchAll(pattern)].map(([, content = ""]) => content);
}

/** Puts the files it shows into a document. */
export async function withShownFiles(root: string, document: string): Promise<string> {
  const contents = new Map<string, string>();
  for (const path of shownFiles(document).keys()) contents.set(path, await readFile(join(root, path), "utf8"));
  return document.replaceAll(block, (_, language: string, path: string) => {
    return `\`\`\`${language} ${path}\n${contents.get(path)}\`\`\``;
  });
}
