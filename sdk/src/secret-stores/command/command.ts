import { createHash } from "node:crypto";
import { lstat, mkdir } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { formatDestination, parseDestinationParts } from "../destination-uri.ts";
import type { DriverWrite, SecretStoreDriver } from "../driver.ts";
import { describePair, formatOwner, parseMembers } from "../entry-metadata.ts";
import { isFingerprint, parseEntryToken } from "../entry-owner.ts";
import { withFileLock } from "../file/file-lock.ts";
import { makeFolderOf, requireClosedFolders } from "../file/folders.ts";
import { readRegular, removeFile, replaceFile } from "../file/regular-file.ts";
import { ProgramError, type ProgramResult, runProgram } from "../run-program.ts";
import {
  createSecretStore,
  occupied,
  requireReplaceable,
  type SecretStore,
  type StoredEntry,
} from "../secret-store.ts";
import { SecretStoreError, type SecretStoreErrorCode } from "../secret-store-error.ts";
import {
  type CommandAccess,
  type CommandProgram,
  type CommandPrograms,
  ProgramsError,
  parseProgram,
  readPrograms,
} from "./command-programs.ts";

/** An entry that a program keeps. */
export type CommandPlace = {
  /** The name under which {@link CommandAccess} knows the program, such as `pass`: small letters, digits, `.`, `_` and `-`. */
  readonly program: string;
  /** The name of the entry, such as `ci/orgtokens`. */
  readonly entry: string;
};

/** Which entry, and how its program is called. */
export type CommandSecretStoreOptions = CommandPlace & CommandAccess;

const programName = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** URI of an entry: `command://pass/ci/orgtokens`. */
export function commandDestination({ program, entry }: CommandPlace): string {
  return formatDestination("command", [program, ...entry.split("/")]);
}

/** The entry a URI names; undefined when it names none. */
export function parseCommandDestination(destination: string): CommandPlace | undefined {
  const { segments: [program, ...entry] = [], key } = parseDestinationParts("command", destination) ?? {};
  if (program === undefined || entry.length === 0 || key !== undefined) return undefined;
  if (!programName.test(program)) return undefined;
  return { program, entry: entry.join("/") };
}

/**
 * Opens an entry of a program, such as `pass`, as the place of one secret. The program gets the secret on its standard input, never
 * among its arguments or in its environment, and runs without a shell.
 *
 * Of two writers on one machine one waits; programs have nothing by which writers on two machines could tell. What was written is
 * read again before it counts. A program that keeps no metadata itself is asked for the secret to find out whether it is still ours.
 *
 * @throws SecretStoreError `secret_store_invalid_argument` when the place or its program cannot be used.
 */
export function openCommandSecretStore(options: CommandSecretStoreOptions): SecretStore {
  const { program, entry } = options;
  const place = `command://${program.toWellFormed()}`;
  const refuse = (message: string): never => {
    throw new SecretStoreError("secret_store_invalid_argument", place, message);
  };
  if (!programName.test(program))
    refuse("The name of a program is 1 to 64 small letters, digits, dots, underscores or hyphens.");
  if (!entry.isWellFormed() || /\p{Cc}/u.test(entry))
    refuse("The entry must not contain control characters or halves of characters.");
  if (entry.startsWith("-")) refuse('The entry must not start with "-": its program would take it for an option.');
  if (entry.split("/").some((segment) => ["", ".", ".."].includes(segment)))
    refuse('The entry must be names separated by single slashes, without "." and "..".');
  if (entry.endsWith(metadataSuffix)) refuse(`Entries that end in "${metadataSuffix}" hold the metadata of others.`);
  return createSecretStore(new CommandDriver(options));
}

const metadataSuffix = ".orgtokens";

/** Where a program without metadata has them kept. */
type Beside = {
  readonly find: (signal: AbortSignal) => Promise<string | undefined>;
  readonly put: (text: string, signal: AbortSignal) => Promise<void>;
  readonly remove: (signal: AbortSignal) => Promise<unknown>;
};

class CommandDriver implements SecretStoreDriver {
  readonly destination: string;
  readonly #options: CommandSecretStoreOptions;
  #program: Promise<CommandProgram> | undefined;

  constructor(options: CommandSecretStoreOptions) {
    this.destination = commandDestination(options);
    this.#options = options;
  }

  async describe(signal: AbortSignal): Promise<StoredEntry | undefined> {
    const { describe } = await this.#getProgram();
    if (describe !== undefined) {
      const text = await this.#ask(describe, this.#options.entry, signal);
      return text === undefined ? undefined : parseDescription(text);
    }
    const metadata = await (await this.#beside()).find(signal);
    return describePair(await this.read(signal), metadata);
  }

  /** Metadata goes first: a secret that does not follow is drift, and not a secret that nobody knows. */
  async write(secret: string, { signal, ...write }: DriverWrite) {
    const { write: call, describe } = await this.#getProgram();
    return this.#locked(signal, async () => {
      requireReplaceable(this.destination, await this.describe(signal), write);
      const metadata = formatOwner(write).trim();
      if (describe === undefined) await (await this.#beside()).put(metadata, signal);
      await this.#must(call, this.#options.entry, signal, secret, { ORGTOKENS_METADATA: metadata });
      const entry = await this.describe(signal);
      if (entry?.fingerprint === write.fingerprint) return { version: entry.version };
      throw this.#error("secret_store_failed", "said that it kept the secret, and has another one or none");
    });
  }

  async delete(apiTokenId: string, signal: AbortSignal) {
    const program = await this.#getProgram();
    return this.#locked(signal, async () => {
      const entry = await this.describe(signal);
      if (entry === undefined) return "absent";
      if (entry.apiTokenId !== apiTokenId) return "not_ours";
      await this.#ask(program.delete, this.#options.entry, signal);
      if (program.describe === undefined) await (await this.#beside()).remove(signal);
      return "deleted";
    });
  }

  async read(signal: AbortSignal): Promise<string | undefined> {
    const { read } = await this.#getProgram();
    if (read === undefined) throw this.#error("secret_store_refused", 'is set up without "read"');
    const text = await this.#ask(read, this.#options.entry, signal);
    return text?.replace(/\r?\n$/, "");
  }

  async checkWritable(signal: AbortSignal): Promise<void> {
    const entry = await this.describe(signal);
    if (entry !== undefined && entry.apiTokenId === undefined) throw occupied(this.destination, entry);
  }

  async close(): Promise<void> {}

  #getProgram(): Promise<CommandProgram> {
    this.#program ??= this.#findProgram();
    return this.#program;
  }

  async #findProgram(): Promise<CommandProgram> {
    const { program: name } = this.#options;
    try {
      const programs: CommandPrograms =
        "programs" in this.#options ? this.#options.programs : await readPrograms(this.#options.programsFile);
      const program = Object.hasOwn(programs, name) ? programs[name] : undefined;
      if (program !== undefined) return parseProgram(name, program);
      throw new ProgramsError(
        `There is no program "${name}", but ${Object.keys(programs).join(", ") || "none at all"}.`,
      );
    } catch (error) {
      if (!(error instanceof ProgramsError)) throw error;
      throw new SecretStoreError("secret_store_invalid_argument", this.destination, error.message);
    }
  }

  async #beside(): Promise<Beside> {
    const { metadataFolder, write, read, delete: remove } = await this.#getProgram();
    const entry = this.#options.entry + metadataSuffix;
    if (metadataFolder === undefined) {
      return {
        find: async (signal) => (read === undefined ? undefined : this.#ask(read, entry, signal)),
        put: async (text, signal) => void (await this.#must(write, entry, signal, text)),
        remove: (signal) => this.#ask(remove, entry, signal),
      };
    }
    const path = join(metadataFolder, `${digestOf(this.destination)}.json`);
    return {
      find: async () => (await readRegular(path))?.toString("utf8"),
      put: async (text) => {
        await requireClosedFolders(path).catch(() => {
          throw this.#error("secret_store_refused", "has a metadataFolder in which somebody else may write");
        });
        await makeFolderOf(path);
        await replaceFile(path, `${text}\n`);
      },
      remove: () => removeFile(path),
    };
  }

  /** What the program prints; undefined when it says that there is no such entry. */
  async #ask(call: readonly string[], entry: string, signal: AbortSignal): Promise<string | undefined> {
    const { exitCode, stdout } = await this.#run(call, entry, { signal, input: "" });
    if (exitCode === 0) return stdout;
    const { absentExitCodes } = await this.#getProgram();
    if (absentExitCodes.includes(exitCode)) return undefined;
    throw await this.#failed(call, exitCode);
  }

  async #must(
    call: readonly string[],
    entry: string,
    signal: AbortSignal,
    input: string,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const { exitCode } = await this.#run(call, entry, { signal, input, variables });
    if (exitCode !== 0) throw await this.#failed(call, exitCode);
  }

  async #run(
    call: readonly string[],
    entry: string,
    run: { signal: AbortSignal; input: string; variables?: Readonly<Record<string, string>> },
  ): Promise<ProgramResult> {
    const words = call.map((word, index) => (index === 0 ? word : word.replaceAll("{entry}", () => entry)));
    const { signal, input, variables } = run;
    try {
      return await runProgram(words, { signal, input, environment: { ...this.#options.environment, ...variables } });
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      throw this.#error(codes[error.code], `could not be used: ${error.message} (${call[0]})`);
    }
  }

  async #failed(call: readonly string[], exitCode: number): Promise<SecretStoreError> {
    const { refusedExitCodes, unreachableExitCodes } = await this.#getProgram();
    const command = call.join(" ");
    const ended = `ended with the exit code ${exitCode}`;
    const advice = `What it printed is not shown, because it can quote the secret; to see it, run: ${command}`;
    if (refusedExitCodes?.includes(exitCode) === true)
      return this.#error("secret_store_refused", `${ended}: it may not, or nobody is signed in. ${advice}`);
    if (unreachableExitCodes?.includes(exitCode) === true)
      return this.#error("secret_store_unreachable", `${ended}: it cannot now. ${advice}`);
    return this.#error("secret_store_failed", `${ended}. ${advice}`);
  }

  #error(code: SecretStoreErrorCode, what: string): SecretStoreError {
    const message = `The program "${this.#options.program}" ${what}.`;
    return new SecretStoreError(code, this.destination, message);
  }

  async #locked<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    const folder = join(tmpdir(), `orgtokens-locks-${userInfo().uid}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const status = await lstat(folder);
    if (process.platform !== "win32" && (!status.isDirectory() || status.uid !== userInfo().uid))
      throw this.#error("secret_store_refused", `cannot be locked: ${folder} is somebody else's`);
    return withFileLock(join(folder, `${digestOf(this.destination)}.lock`), signal, run);
  }
}

const codes: Readonly<Record<ProgramError["code"], SecretStoreErrorCode>> = {
  not_found: "secret_store_not_found",
  not_permitted: "secret_store_refused",
  killed: "secret_store_failed",
  too_much_output: "secret_store_failed",
  input_not_read: "secret_store_failed",
};

/** What a program that keeps metadata itself says of an entry; nothing of it is trusted to have the right form. */
function parseDescription(text: string): StoredEntry {
  const { apiTokenId, organizationId, label, expiresAt, fingerprint, version } = parseMembers(text);
  const token = parseEntryToken({ apiTokenId, organizationId, label, expiresAt });
  if (token === undefined) return {};
  return {
    ...token,
    ...(isFingerprint(fingerprint) ? { fingerprint } : {}),
    ...(typeof version === "string" && /^[!-~]{1,100}$/.test(version) ? { version } : {}),
  };
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
