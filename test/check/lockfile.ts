import type { Finding } from "./check.ts";
import { asObject, type JsonObject, readJson } from "./tree.ts";

/** Licences that ask for nothing but a notice, or for changes to the package itself to stay open (MPL). */
const licences = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "MPL-2.0",
  "Public Domain",
  "Python-2.0",
  "Unlicense",
]);

/** What package-lock.json says wrongly or not at all, read from its text in a package, by path in the lock file. */
const licencesByHand: { readonly [path: string]: string } = {};

/** Packages that may run a script of theirs when they are installed, each with the reason. */
const installScripts: { readonly [path: string]: string } = {
  "node_modules/fsevents": "macOS only, optional, never built here: npm marks it although it ships its binary",
  "node_modules/protobufjs": "of Google's client: it only warns of a version range, builds nothing, and works without",
};

/** Proves that an installation gets exactly what was locked, runs nobody's scripts, and brings no licence we did not choose. */
export async function checkLockfile(root: string): Promise<readonly Finding[]> {
  return findLockfileFaults(await readJson(root, "package-lock.json"));
}

/** The faults of a parsed package-lock.json. */
export function findLockfileFaults(lockfile: JsonObject): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [path, value] of Object.entries(asObject(lockfile["packages"]))) {
    const entry = asObject(value);
    if (!path.includes("node_modules/") || entry["link"] === true) continue;
    const add = (message: string) => findings.push({ place: `package-lock.json ${path}`, message });
    if (entry["resolved"] !== undefined)
      add("names a registry host; it must come from whatever registry npm is set to");
    if (typeof entry["integrity"] !== "string" && entry["inBundle"] !== true) add("has no integrity hash");
    if (entry["hasInstallScript"] === true && installScripts[path] === undefined)
      add("runs a script when it is installed");
    const licence = licencesByHand[path] ?? entry["license"];
    if (typeof licence !== "string") add("has no licence");
    else if (!isAllowed(licence)) add(`has a licence that is not on the list: ${licence}`);
  }
  return findings;
}

/** Whether one alternative of an SPDX expression is on the list in all its parts. Parentheses group alternatives only. */
function isAllowed(expression: string): boolean {
  const alternatives = expression.replace(/^\((.*)\)$/u, "$1").split(/\s+OR\s+/u);
  return alternatives.some((alternative) =>
    alternative.split(/\s+AND\s+/u).every((licence) => licences.has(licence.replace(/[()]/gu, ""))),
  );
}
