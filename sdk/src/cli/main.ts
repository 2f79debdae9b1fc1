#!/usr/bin/env node
// long: the table of commands, with the words that yargs shows for each. This entry of `orgtokens` is the only file of the SDK that
// reads the environment, and the one that knows yargs.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import { styleText } from "node:util";
import yargs, { type Argv } from "yargs";
import { hideBin } from "yargs/helpers";
import { dropRevealingVariables } from "../secret-stores/index.ts";
import { exportAudit, listAudit } from "./audit.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { completion, shells } from "./completion.ts";
import { createToken } from "./create-token.ts";
import { deliverCheck } from "./deliver-check.ts";
import { exitCodeOf, exitCodes, explain, explainJson } from "./exit-code.ts";
import { listMail } from "./list-mail.ts";
import { listTokens } from "./list-tokens.ts";
import { inviteMember, listMembers, removeMember, setMemberRole } from "./members.ts";
import { outputOf, outputs, requireOneOutput, serialized } from "./output.ts";
import { setPolicy, showPolicy } from "./policy.ts";
import { refuseSecrets } from "./refuse-secrets.ts";
import { revokeToken } from "./revoke-token.ts";
import { rotateToken } from "./rotate-token.ts";
import { showToken } from "./show-token.ts";
import { updateToken } from "./update-token.ts";
import { verifyToken } from "./verify-token.ts";
import { whoami } from "./whoami.ts";

dropRevealingVariables(process.env);
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => interruption.abort(new Error("Interrupted. Running the same again goes on from here.")));

const { stdin, stdout, stderr } = process;
const context: CommandContext = {
  environment: process.env,
  print: (text) => void stdout.write(text),
  printAll: async (text) => {
    if (!stdout.write(text)) await once(stdout, "drain", { signal: interruption.signal });
  },
  printsToTerminal: stdout.isTTY === true,
  // Only at a terminal, and not where NO_COLOR is set.
  emphasize: (text) => styleText("bold", text, { stream: stdout }),
  readsFromTerminal: stdin.isTTY === true,
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
      requireOneOutput(flags);
      const exitCode = await command(context, flags);
      process.exitCode = typeof exitCode === "number" ? exitCode : exitCodes.done;
    } catch (error) {
      context.showProgress("");
      const output = outputOf(flags);
      context.tell(output === "table" ? `${explain(error)}\n` : serialized(explainJson(error), output));
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

/** What reaches into secret stores. */
function deliveryCommands(tokens: Argv<CommonFlags>) {
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
    );
}

function tokenCommands(tokens: Argv<CommonFlags>) {
  return deliveryCommands(tokens)
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
    .command("mail <token>", "List the mail about a token, newest first", tokenArgument, run(listMail))
    .command(
      "update <token>",
      "Change what a token is for, when it expires and from where it works",
      (command) =>
        tokenArgument(command).options({
          label: { type: "string", describe: "What it is for" },
          description: { type: "string", describe: 'More about it; "" for nothing' },
          "expires-in": { type: "string", describe: "Lifetime from now, such as 90d; never for no expiry" },
          network: {
            type: "string",
            array: true,
            describe: "Where it works from, such as 192.0.2.0/24; any for everywhere",
          },
          "managed-by": { type: "string", describe: 'Namespace of the automation that owns it; "" for none' },
        }),
      run(updateToken),
    )
    .command(
      "verify",
      "Tell what a token is worth that is piped in, or in a file or a variable: 0 when it is active, 5 when not",
      {
        "token-file": {
          type: "string",
          requiresArg: true,
          describe: "File with the token, - for standard input (default)",
        },
        "token-variable": { type: "string", requiresArg: true, describe: "Environment variable with the token" },
        ip: { type: "string", describe: "Address that it was presented from" },
        role: { choices: ["developer", "admin"] as const, describe: "Role that it must have, or 5" },
      },
      run(verifyToken),
    )
    .demandCommand(1, "Name a command.")
    .strict();
}

const userRoles = ["developer", "admin"] as const;

function memberArgument<T>(command: Argv<T>) {
  return command.positional("member", { type: "string", demandOption: true, describe: "Id or e-mail address" });
}

function memberCommands(members: Argv<CommonFlags>) {
  return members
    .command("list", "List everybody in the organization", (command) => command, run(listMembers))
    .command(
      "invite <email>",
      "Invite somebody by e-mail",
      (command) =>
        command
          .positional("email", { type: "string", demandOption: true, describe: "Where the invitation goes" })
          .options({ role: { choices: userRoles, default: "developer" as const, describe: "What they may do" } }),
      run(inviteMember),
    )
    .command(
      "set-role <member>",
      "Change what somebody may do",
      (command) =>
        memberArgument(command).options({
          role: { choices: userRoles, demandOption: true, describe: "What they may do" },
        }),
      run(setMemberRole),
    )
    .command(
      "remove <member>",
      "Remove somebody, after their address was typed",
      (command) =>
        memberArgument(command).options({
          "yes-remove": { type: "string", requiresArg: true, describe: "The address, instead of typing it" },
        }),
      run(removeMember),
    )
    .demandCommand(1, "Name a command.")
    .strict();
}

const auditOptions = {
  action: { type: "string", describe: "Only this, such as api_token.created" },
  outcome: { choices: ["done", "refused"] as const, describe: "Only what was done, or refused" },
  actor: { type: "string", describe: "Only what the token or user with this id did" },
  target: { type: "string", describe: "Only what was done to what has this id" },
  from: { type: "string", describe: "Only from this time on, such as 2026-11-01T00:00:00Z" },
  to: { type: "string", describe: "Only before this time" },
} as const;

function auditCommands(audit: Argv<CommonFlags>) {
  return audit
    .command(
      "list",
      "List what happened, newest first",
      { ...auditOptions, limit: { type: "number", default: 50, describe: "How many at most" } },
      run(listAudit),
    )
    .command("export", "Print all that happened as JSON Lines, newest first", auditOptions, run(exportAudit))
    .demandCommand(1, "Name a command.")
    .strict();
}

function policyCommands(policy: Argv<CommonFlags>) {
  return policy
    .command("show", "Show the organization's rules", (command) => command, run(showPolicy))
    .command(
      "set",
      "Change rules of the organization; what is left out stays",
      {
        "default-lifetime": { type: "string", describe: "Of tokens without an expiry, such as 90d; none for no end" },
        "maximum-lifetime": { type: "string", describe: "Of any token, such as 365d; none for no limit" },
        "token-roles": { choices: userRoles, array: true, describe: "Roles that tokens may have" },
        "duplicate-labels": { choices: ["warn", "refuse"] as const, describe: "A label that a live token has" },
        "label-confirmation": { choices: ["optional", "required"] as const, describe: "The label in a revocation" },
        "tokens-may-generate": { type: "boolean", describe: "Whether Admin tokens generate tokens, or only people" },
        "on-leak": { choices: ["notify", "revoke"] as const, describe: "What happens to a token that was leaked" },
      },
      run(setPolicy),
    )
    .demandCommand(1, "Name a command.")
    .strict();
}

try {
  refuseSecrets(hideBin(process.argv));
} catch (error) {
  stderr.write(`${explain(error)}\n`);
  process.exit(exitCodeOf(error));
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
    output: { choices: outputs, describe: "How to answer, failures too; a table by default" },
    json: { type: "boolean", describe: "Short for --output json" },
  })
  .command("tokens <command>", "Generate, rotate, revoke, verify and see tokens", tokenCommands)
  .command("members <command>", "Invite, change, remove and see people", memberCommands)
  .command("audit <command>", "See what happened", auditCommands)
  .command("policy <command>", "See and change the rules of the organization", policyCommands)
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
    "Ends with 0 when done, 1 when refused, 2 for wrong arguments or settings, 3 when deliver-check finds a secret missing or changed, 4 when something cannot be reached now, 5 when a verified token is not active, 130 when interrupted.",
  )
  .wrap(Math.min(110, stdout.columns ?? 110))
  .fail((message: string | null, error: Error | undefined) => {
    stderr.write(`${message ?? error?.message}\nRun orgtokens --help.\n`);
    process.exit(exitCodes.usage);
  })
  .parseAsync();
