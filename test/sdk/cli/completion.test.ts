/** The words that shells complete, asked of the real shells. */
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { expect, test, vi } from "vitest";
import { runCommand } from "../../support/commands.ts";
import { findDebianProgram } from "../../support/debian-program.ts";
import { orgtokensWords } from "../../support/orgtokens-command.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

// Shells are installed once per machine.
vi.setConfig({ testTimeout: 120_000 });

/** How each shell loads the script and says what follows `orgtokens tokens ro` and `orgtokens tokens create --sto`. */
const asked = {
  bash: `source <(orgtokens completion bash)
    ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _orgtokens; printf '%s\\n' "\${COMPREPLY[@]}"; }
    ask orgtokens tokens ro; ask orgtokens tokens create --sto`,
  zsh: `compdef() { }; _files() { }; _describe() { print -rl -- "\${(@P)2}"; }
    source <(orgtokens completion zsh)
    words=(orgtokens tokens ro); _orgtokens; words=(orgtokens tokens create --sto); _orgtokens`,
  fish: `orgtokens completion fish | source
    complete --do-complete 'orgtokens tokens ro'; complete --do-complete 'orgtokens tokens create --sto'`,
} as const;

const programs = {
  bash: await findDebianProgram("bash"),
  zsh: await findDebianProgram("zsh"),
  fish: await findDebianProgram("fish"),
};

test.each(["bash", "zsh", "fish"] as const)(
  "%s completes commands and flags by the script made for it",
  async (shell) => {
    const program = programs[shell];
    if (program === undefined) return;
    const folder = await temporaryFolder();
    await writeFile(join(folder, "orgtokens"), `#!/bin/sh\nexec ${orgtokensWords.join(" ")} "$@"\n`);
    await chmod(join(folder, "orgtokens"), 0o755);
    const environment = { PATH: `${folder}:${process.env["PATH"]}`, HOME: folder };
    const { exitCode, stdout, output } = await runCommand(program, ["-c", asked[shell]], { cwd: folder, environment });
    expect(exitCode, output).toBe(0);
    expect(stdout).toMatch(/^rotate/m);
    expect(stdout).toMatch(/^--store/m);
    expect(stdout).not.toMatch(/^(?:whoami|--api-token(?!-))/m);
  },
);
