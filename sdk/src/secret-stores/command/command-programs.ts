import { open } from "node:fs/promises";
import { isAbsolute } from "node:path";
import process from "node:process";
import { requireClosedFolders } from "../file/folders.ts";
import { parseJsonObject } from "../json-object.ts";

/**
 * How a program is called. Each call is a list of the program and its arguments, without a shell; `{entry}` in it stands for the
 * name of the entry. The secret is never among them: `write` reads it from its standard input.
 */
export type CommandProgram = {
  /** Keeps its standard input as the entry, replacing what is there. */
  readonly write: readonly string[];
  /** Prints the entry, and nothing else but a line break. */
  readonly read?: readonly string[] | undefined;
  readonly delete: readonly string[];
  /**
   * For a program that keeps metadata itself: `write` gets it, a JSON object, in the environment variable
   * `ORGTOKENS_METADATA` and keeps it together with the secret; `describe` prints it again, without `fingerprint` when
   * the secret has changed since, and `{}` when there is a secret without metadata. It may add `version`.
   */
  readonly describe?: readonly string[] | undefined;
  /** The exit codes by which `read`, `describe` and `delete` say that there is no such entry. */
  readonly absentExitCodes: readonly number[];
  /** The exit codes by which it says that it may not: not signed in, or without the right. */
  readonly refusedExitCodes?: readonly number[] | undefined;
  /** The exit codes by which it says that it cannot now, and can later. */
  readonly unreachableExitCodes?: readonly number[] | undefined;
  /**
   * Without `describe`: a folder of this machine for the metadata, as an absolute path. By default it is an entry of the program itself, named like the
   * secret's with `.orgtokens` at the end, so that every machine that sees the secret sees whose it is.
   */
  readonly metadataFolder?: string | undefined;
};

/** The programs that destinations may name, by their names. */
export type CommandPrograms = Readonly<Record<string, CommandProgram>>;

/** Which programs there are. */
export type CommandAccess = ({ readonly programs: CommandPrograms } | { readonly programsFile: string }) & {
  /** All of the programs' environment, such as `PATH` and `HOME`; a token of orgtokens' own is not among it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** Why programs cannot be used; sentences that say what to correct, and where by a JSON pointer. */
export class ProgramsError extends Error {
  override readonly name = "ProgramsError";
}

/**
 * Reads the programs from a JSON file.
 * @throws ProgramsError when there is none, others may write it or put another in its place, or it says something that cannot be.
 */
export async function readPrograms(path: string): Promise<CommandPrograms> {
  const file = await open(path, "r").catch(() => refuse(`The programs file ${path} cannot be read.`));
  try {
    await requireClosedFolders(path).catch(() =>
      refuse(
        `Somebody else may replace the programs file ${path}, and so run programs here: keep it in a folder of your own.`,
      ),
    );
    // Of the file that is read, wherever links lead.
    const { mode } = await file.stat();
    if (process.platform !== "win32" && (mode & 0o002) !== 0)
      refuse(`Anybody may write the programs file ${path}, and so run programs here: chmod o-w ${path}`);
    const text = await file.readFile("utf8").catch(() => refuse(`The programs file ${path} cannot be read.`));
    const members = Object.entries(parseJsonObject(text) ?? refuse(`The programs file ${path} is no JSON object.`));
    if (members.length === 0) refuse(`The programs file ${path} names no programs.`);
    const faults = members.flatMap(([name, value]) => findFaults(name, value));
    if (faults.length > 0) refuse(`The programs file ${path} cannot be used: ${faults.join("; ")}.`);
    return Object.fromEntries(members.map(([name, value]) => [name, parseProgram(name, value)]));
  } finally {
    await file.close();
  }
}

/**
 * Reads how one program is called.
 * @throws ProgramsError
 */
export function parseProgram(name: string, value: unknown): CommandProgram {
  const faults = findFaults(name, value);
  if (faults.length > 0) refuse(`The program "${name}" cannot be used: ${faults.join("; ")}.`);
  const members = membersOf(value);
  const { absentExitCodes = [], refusedExitCodes, unreachableExitCodes, metadataFolder } = members;
  const call = (member: string) => (isTexts(members[member]) ? members[member] : undefined);
  return {
    write: call("write") ?? [],
    read: call("read"),
    delete: call("delete") ?? [],
    describe: call("describe"),
    absentExitCodes: isExitCodes(absentExitCodes) ? absentExitCodes : [],
    refusedExitCodes: isExitCodes(refusedExitCodes) ? refusedExitCodes : [],
    unreachableExitCodes: isExitCodes(unreachableExitCodes) ? unreachableExitCodes : [],
    metadataFolder: typeof metadataFolder === "string" ? metadataFolder : undefined,
  };
}

const calls = ["write", "read", "delete", "describe"];
const exitCodes = ["absentExitCodes", "refusedExitCodes", "unreachableExitCodes"];
const memberNames = [...calls, ...exitCodes, "metadataFolder"];

/** What cannot be in what a program's name stands for, each with the JSON pointer of its place. */
function findFaults(name: string, value: unknown): readonly string[] {
  const pointer = (...steps: readonly string[]) =>
    [name, ...steps].map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${pointer()} must be an object`];
  const members = membersOf(value);
  const faults = Object.keys(members)
    .filter((member) => !memberNames.includes(member))
    .map((member) => `${pointer(member)} is not known; there are ${memberNames.join(", ")}`);
  for (const member of calls) {
    const words = members[member];
    if (words === undefined) continue;
    if (!isTexts(words)) faults.push(`${pointer(member)} must be a list of a program and its arguments`);
    else if (!words.slice(1).some((word) => word.includes("{entry}")))
      faults.push(`${pointer(member)} must have {entry} among the arguments`);
  }
  for (const member of ["write", "delete", "absentExitCodes"])
    if (members[member] === undefined) faults.push(`${pointer(member)} is missing`);
  if (members["read"] === undefined && members["describe"] === undefined)
    faults.push(`${pointer("read")} is missing, and so is ${pointer("describe")}`);
  for (const member of exitCodes)
    if (members[member] !== undefined && !isExitCodes(members[member]))
      faults.push(`${pointer(member)} must be a list of exit codes from 1 to 255`);
  const { metadataFolder } = members;
  if (metadataFolder !== undefined && !(typeof metadataFolder === "string" && isAbsolute(metadataFolder)))
    faults.push(`${pointer("metadataFolder")} must be an absolute path`);
  return faults;
}

function refuse(message: string): never {
  throw new ProgramsError(message);
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function isTexts(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value[0] === "") return false;
  return value.every((word) => typeof word === "string" && !word.includes("\0"));
}

function isExitCodes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((code) => Number.isInteger(code) && code >= 1 && code <= 255);
}
