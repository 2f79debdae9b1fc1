import { lstat, readFile } from "node:fs/promises";
import process from "node:process";
import { parseMembers } from "../entry-metadata.ts";

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
  /**
   * Without `describe`: a folder of this machine for the metadata. By default it is an entry of the program itself, named like the
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

/** Why programs cannot be used; a sentence that says what to correct. */
export class ProgramsError extends Error {
  override readonly name = "ProgramsError";
}

/**
 * Reads the programs from a JSON file.
 * @throws ProgramsError when there is none, others may write it, or it says something that cannot be.
 */
export async function readPrograms(path: string): Promise<CommandPrograms> {
  const text = await readFile(path, "utf8").catch(() => {
    throw new ProgramsError(`The programs file ${path} cannot be read.`);
  });
  const { mode } = await lstat(path);
  if (process.platform !== "win32" && (mode & 0o002) !== 0) {
    throw new ProgramsError(`Anybody may write the programs file ${path}, and so run programs here: chmod o-w ${path}`);
  }
  const members = Object.entries(parseMembers(text));
  if (members.length === 0) throw new ProgramsError(`The programs file ${path} is no JSON object of programs.`);
  return Object.fromEntries(members.map(([name, value]) => [name, parseProgram(name, value)]));
}

/**
 * Reads how one program is called.
 * @throws ProgramsError
 */
export function parseProgram(name: string, value: unknown): CommandProgram {
  const members: Readonly<Record<string, unknown>> = typeof value === "object" && value !== null ? { ...value } : {};
  const refuse = (why: string): never => {
    throw new ProgramsError(`The program "${name}" ${why}`);
  };
  const stranger = Object.keys(members).find((member) => !memberNames.includes(member));
  if (stranger !== undefined) refuse(`has no "${stranger}", but ${memberNames.join(", ")}.`);
  const call = (member: string): readonly string[] | undefined => {
    const words = members[member];
    if (words === undefined) return undefined;
    if (!isTexts(words)) return refuse(`must name "${member}" as a list of a program and its arguments.`);
    if (!words.slice(1).some((word) => word.includes("{entry}"))) refuse(`must have {entry} among "${member}".`);
    return words;
  };
  const [write, read, remove, describe] = [call("write"), call("read"), call("delete"), call("describe")];
  const { absentExitCodes, metadataFolder } = members;
  if (write === undefined || remove === undefined) return refuse('needs "write" and "delete".');
  if (read === undefined && describe === undefined) refuse('needs "read", unless it keeps metadata: "describe".');
  if (!isExitCodes(absentExitCodes)) {
    return refuse(
      'needs "absentExitCodes": the exit codes, from 1 to 255, by which it says that there is no such entry.',
    );
  }
  if (metadataFolder !== undefined && typeof metadataFolder !== "string") return refuse("has a wrong metadataFolder.");
  return { write, read, delete: remove, describe, absentExitCodes, metadataFolder };
}

const memberNames = ["write", "read", "delete", "describe", "absentExitCodes", "metadataFolder"];

function isTexts(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value[0] === "") return false;
  return value.every((word) => typeof word === "string" && !word.includes("\0"));
}

function isExitCodes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((code) => Number.isInteger(code) && code >= 1 && code <= 255);
}
