import type { Finding } from "./check.ts";
import { listFiles } from "./tree.ts";

const saysNothing = new Set(["utils", "util", "helpers", "helper", "common", "shared", "core", "lib", "misc"]);

/** Proves that files and folders are named after what they hold, in kebab-case. */
export async function checkNames(root: string): Promise<readonly Finding[]> {
  return (await listFiles(root, (path) => /^(?:server|sdk|provider|examples|test)\//u.test(path))).flatMap(
    findBadNames,
  );
}

/** The faults of one path's names. */
export function findBadNames(path: string): readonly Finding[] {
  const words = path.split("/");
  const findings = words.flatMap((word): readonly Finding[] =>
    saysNothing.has(word.split(".")[0] ?? "") ? [{ place: path, message: `${word} does not say what it holds` }] : [],
  );
  const file = words.at(-1) ?? "";
  const kebab = !/\.(?:[cm]?tsx?|mjs)$/u.test(file) || /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)+$/u.test(file);
  return kebab ? findings : [...findings, { place: path, message: "is not in kebab-case" }];
}
