import { mkdir, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runCommand } from "./commands.ts";
import { findDebianProgram } from "./debian-program.ts";
import { buildGoProgram, type GoProgram } from "./go-program.ts";
import { makeFolder } from "./temporary-folder.ts";

/** A real `pass` or `gopass`, with a key of its own that nothing else uses. */
export type PasswordStore = {
  /** The environment that the program needs. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Runs the program. Throws when it fails. */
  run(...words: readonly string[]): Promise<string>;
  /** Puts a text in an entry, as somebody else does. */
  insert(entry: string, text: string): Promise<void>;
  close(): Promise<void>;
};

/** Makes a store of `pass`; undefined, said loudly, when it cannot be had. */
export async function createPasswordStore(): Promise<PasswordStore | undefined> {
  if ((await findDebianProgram("pass")) === undefined) return undefined;
  return createStore("pass", process.env["PATH"], (user) => ["init", user]);
}

/** A Go module of ours whose one tool is gopass. Debian's program of that name is another one. */
const gopass: GoProgram = {
  module: fileURLToPath(new URL("gopass", import.meta.url)),
  source: "github.com/gopasspw/gopass",
  packagePath: "github.com/gopasspw/gopass",
  title: "gopass",
  linkerFlags: () => "",
};

/** Makes a store of `gopass`, which is built once per machine; undefined, said loudly, when it cannot be had. */
export async function createGopassStore(): Promise<PasswordStore | undefined> {
  const built = await buildGoProgram(gopass, (line) => process.stdout.write(`${line}\n`));
  if (built === undefined || (await findDebianProgram("gpg", "gnupg")) === undefined) {
    process.stderr.write("NOT TESTED: gopass cannot be had. Install Go, with which it is built, and gnupg.\n");
    return undefined;
  }
  const path = [dirname(built), process.env["PATH"]].join(delimiter);
  return createStore("gopass", path, (user) => ["--yes", "init", "--crypto", "gpgcli", "--storage", "fs", user]);
}

async function createStore(
  program: "pass" | "gopass",
  path: string | undefined,
  initWords: (user: string) => readonly string[],
): Promise<PasswordStore> {
  const folder = await makeFolder();
  const environment = {
    PATH: path,
    HOME: folder,
    GNUPGHOME: join(folder, "gnupg"),
    GOPASS_HOMEDIR: folder,
    PASSWORD_STORE_DIR: join(folder, "store"),
  };
  const must = async (file: string, words: readonly string[]) => {
    const { exitCode, stdout, output } = await runCommand(file, words, { cwd: folder, environment });
    if (exitCode !== 0) throw new Error(`${file} ${words.join(" ")} failed:\n${output}`);
    return stdout;
  };
  await mkdir(environment.GNUPGHOME, { mode: 0o700 });
  const user = "orgtokens-test@example.com";
  const key = ["--quick-gen-key", user, "default", "default", "never"];
  await must("gpg", ["--batch", "--quiet", "--passphrase", "", ...key]);
  await must(program, initWords(user));
  return {
    environment,
    run: (...words) => must(program, words),
    async insert(entry, text) {
      await must("sh", ["-c", 'printf %s "$1" | "$3" insert --multiline --force "$2"', "sh", text, entry, program]);
    },
    async close() {
      await must("gpgconf", ["--kill", "gpg-agent"]);
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}
