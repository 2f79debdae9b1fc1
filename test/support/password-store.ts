import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { runCommand } from "./commands.ts";
import { findDebianProgram } from "./debian-program.ts";
import { makeFolder } from "./temporary-folder.ts";

/** A real `pass`, with a key of its own that nothing else uses. */
export type PasswordStore = {
  /** The environment that `pass` needs. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Runs `pass`. Throws when it fails. */
  run(...words: readonly string[]): Promise<string>;
  /** Puts a text in an entry, as somebody else does. */
  insert(entry: string, text: string): Promise<void>;
  close(): Promise<void>;
};

/** Makes a store; undefined, said loudly, when `pass` cannot be had. */
export async function createPasswordStore(): Promise<PasswordStore | undefined> {
  if ((await findDebianProgram("pass")) === undefined) return undefined;
  const folder = await makeFolder();
  const environment = {
    PATH: process.env["PATH"],
    HOME: folder,
    GNUPGHOME: join(folder, "gnupg"),
    PASSWORD_STORE_DIR: join(folder, "store"),
  };
  const must = async (program: string, words: readonly string[]) => {
    const { exitCode, stdout, output } = await runCommand(program, words, { cwd: folder, environment });
    if (exitCode !== 0) throw new Error(`${program} ${words.join(" ")} failed:\n${output}`);
    return stdout;
  };
  await mkdir(environment.GNUPGHOME, { mode: 0o700 });
  const user = "orgtokens-test@example.com";
  const key = ["--quick-gen-key", user, "default", "default", "never"];
  await must("gpg", ["--batch", "--quiet", "--passphrase", "", ...key]);
  await must("pass", ["init", user]);
  return {
    environment,
    run: (...words) => must("pass", words),
    async insert(entry, text) {
      await must("sh", ["-c", 'printf %s "$1" | pass insert --multiline --force "$2"', "sh", text, entry]);
    },
    async close() {
      await must("gpgconf", ["--kill", "gpg-agent"]);
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}
