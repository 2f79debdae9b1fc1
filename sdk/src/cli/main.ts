#!/usr/bin/env node
// The `orgtokens` command: the only file of the SDK that reads the environment, and the one that knows yargs.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import yargs, { type Argv } from "yargs";
import { hideBin } from "yargs/helpers";
import { dropRevealingVariables } from "../secret-stores/index.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { completion, shells } from "./completion.ts";
import { createToken } from "./create-token.ts";
import { deliverCheck } from "./deliver-check.ts";
import { exitCodeOf, exitCodes, explain, explainJson } from "./exit-code.ts";
import { listTokens } from "./list-tokens.ts";
import { revokeToken } from "./revoke-token.ts";
import { rotateToken } from "./rotate-token.ts";
import { showToken } from "./show-token.ts";
import { whoami } from "./whoami.ts";

dropRevealingVariables(process.env);
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => interruption.abort(new Error("Interrupted. Running the same again goes on from here.")));

const { stdin, stdout, stderr } = process;
const context: CommandContext = {
  environment: process.env,
  print: (text) => void stdout.write(text),
  printsToTerminal: stdout.isTTY === true,
  readText: (path) => (path === "-" ? text(stdin) : readFile(path, "utf8")),
  tell: (text) => void stderr.write(text),
  ask: stdin.isTTY && stderr.isTTY ? askAtTerminal : undefined,
  showProgress: (text) => void (stderr.isTTY && stderr.write(`\r\u001b[K${text.replaceAll(/\p{Cc}/gu, "?")}`)),
  signal: interruption.signal,
};

async function askAtTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: stdin, output: stderr });
  try {
    return await terminal.question(question, { signal: interruption.signal });
  } finally {
    terminal.close();
  }
}

/** Runs a command; a failure becomes one line on standard error, and an exit code. */
function run<Flags extends CommonFlags>(
  command: (context: CommandContext, flags: Flags) => Promise<unknown>,
): (flags: Flags) => Promise<void> {
  return async (flags) => {
    try {
      const exitCode = await command(context, flags);
      process.exitCode = typeof exitCode === "number" ? exitCode : exitCodes.done;
    } catch (error) {
      context.showProgress("");
      const text = flags.json ? JSON.stringify(explainJson(error)) : explain(error);
      context.tell(`${text}\n`);
      process.exitCode = interruption.signal.aborted ? exitCodes.interrupted : exitCodeOf(error);
    }
  };
}

const storeOption = {
  type: "string",
  describe:
    "URI of the place that the secret goes to, such as vault://kv/ci#token, file:///path#key, command://pass/ci",
} as const;
const printSecretOption = {
  type: "boolean",
  describe: "Print the secret although standard output is no terminal: a pipe, a file or a log gets it",
} as const;
const expiresInOption = { type: "string", describe: "Lifetime from now, such as 90d or 12h" } as const;

function tokenArgument<T>(command: Argv<T>) {
  return command.positional("token", { type: "string", demandOption: true, describe: "Id or label of a token" });
}

function tokenCommands(tokens: Argv<CommonFlags>) {
  return tokens
    .command(
      "create",
      "Generate a token: its secret goes to --store and is not printed; without one it is shown this once",
      {
        label: { type: "string", demandOption: true, describe: "What it is for" },
        role: { choices: ["developer", "admin"] as const, default: "developer" as const, describe: "What it may do" },
        store: storeOption,
        "print-secret": printSecretOption,
        description: { type: "string", describe: "More about it" },
        "expires-in": expiresInOption,
        "managed-by": {
          type: "string",
          describe:
            "Namespace of the automation that owns it; a delivery that was cut short is ended by whoever has the same. With --store: orgtokens-cli by default",
        },
      },
      run(createToken),
    )
    .command(
      "rotate <token>",
      "Give a token a new secret, in its store or in another one",
      (command) =>
        tokenArgument(command).options({
          store: storeOption,
          "print-secret": printSecretOption,
          "grace-period": { type: "string", describe: "How long the secret before works on, 24h by default" },
          "expires-in": expiresInOption,
        }),
      run(rotateToken),
    )
    .command(
      "revoke <token>",
      "Revoke a token, after its label was typed, and delete its entry in its store",
      (command) =>
        tokenArgument(command).options({
          "yes-revoke": { type: "string", requiresArg: true, describe: "The token's label, instead of typing it" },
          store: { type: "string", describe: "URI of its entry, when it is elsewhere than the server says" },
        }),
      run(revokeToken),
    )
    .command(
      "list",
      "List tokens, newest first",
      {
        status: {
          choices: ["live", "pending", "active", "revoked", "expired", "all"] as const,
          describe: "Live ones by default",
        },
        label: { type: "string", describe: "Only those with this label" },
        search: { type: "string", describe: "Only those whose label contains this" },
        "managed-by": { type: "string", describe: "Only those of this namespace" },
      },
      run(listTokens),
    )
    .command("show <token>", "Show everything of a token but its secret", tokenArgument, run(showToken))
    .command(
      "deliver-check [tokens..]",
      "Check that stores still hold what was delivered, from their metadata: 0 all, 3 not all, 4 not all could be checked",
      (command) =>
        command
          .positional("tokens", {
            type: "string",
            array: true,
            describe: "Ids or labels, all delivered tokens by default",
          })
          .options({ "managed-by": { type: "string", describe: "Only those of this namespace" } }),
      run(deliverCheck),
    )
    .demandCommand(1, "Name a command.")
    .strict();
}

await yargs(hideBin(process.argv))
  .scriptName("orgtokens")
  .options({
    endpoint: { type: "string", describe: "Address of the server [ORGTOKENS_ENDPOINT]" },
    "api-token-file": {
      type: "string",
      requiresArg: true,
      describe: "File with an Admin token, - for standard input [ORGTOKENS_API_TOKEN_FILE]; or set ORGTOKENS_API_TOKEN",
    },
    "api-token": { type: "string", hidden: true },
    json: { type: "boolean", describe: "Answer in JSON, failures too" },
  })
  .command("tokens <command>", "Generate, rotate, revoke and see tokens", tokenCommands)
  .command("whoami", "Show as whom the server knows you", (command) => command, run(whoami))
  .command(
    "completion <shell>",
    "Print a script that completes words in a shell",
    (command) => command.positional("shell", { choices: shells, demandOption: true }),
    run(completion),
  )
  .demandCommand(1, "Name a command.")
  .strict()
  .epilogue(
    "Ends with 0 when done, 1 when refused, 2 for wrong arguments or settings, 3 when deliver-check finds a secret missing or changed, 4 when something cannot be reached now, 130 when interrupted.",
  )
  .wrap(Math.min(110, stdout.columns ?? 110))
  .fail((message: string | null, error: Error | undefined) => {
    stderr.write(`${message ?? error?.message}\nRun orgtokens --help.\n`);
    process.exit(exitCodes.usage);
  })
  .parseAsync();
