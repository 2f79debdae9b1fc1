import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { exitCodes, UsageError } from "./exit-code.ts";
import { linesOf, show } from "./output.ts";

/** What `tokens verify` takes; the token itself is never among it. */
export type VerifyTokenFlags = CommonFlags & {
  /** `-` is standard input, the default. */
  readonly tokenFile?: string | undefined;
  /** The name of an environment variable. */
  readonly tokenVariable?: string | undefined;
  readonly ip?: string | undefined;
  readonly role?: "developer" | "admin" | undefined;
};

/** `tokens verify`: what a token that somebody presented is worth. Gives the exit code. */
export async function verifyToken(context: CommandContext, flags: VerifyTokenFlags): Promise<number> {
  const token = await readPresented(context, flags);
  const client = await connect(context, flags);
  const presented = flags.ip === undefined ? { token } : { token, ip: flags.ip };
  const verification = await client.verifyApiToken(presented, { signal: context.signal });
  const { active, reason, apiToken } = verification;
  const hasRole = flags.role !== "admin" || apiToken?.role === "admin";
  const why = reason ?? (hasRole ? undefined : "role_insufficient");
  show(context, flags, verification, () =>
    linesOf({ active: active ? "yes" : "no", ...(why === undefined ? {} : { reason: why }), ...apiToken }),
  );
  return active && hasRole ? exitCodes.done : exitCodes.notActive;
}

async function readPresented(context: CommandContext, flags: VerifyTokenFlags): Promise<string> {
  const { tokenFile, tokenVariable, apiTokenFile } = flags;
  if (tokenFile !== undefined && tokenVariable !== undefined)
    throw new UsageError("--token-file and --token-variable both say where the token is. Give one of them.");
  if (tokenVariable !== undefined)
    return required(context.environment[tokenVariable], `--token-variable: ${tokenVariable} is not set.`);
  const path = tokenFile ?? "-";
  const own = apiTokenFile ?? context.environment["ORGTOKENS_API_TOKEN_FILE"];
  if (path === "-" && own === "-")
    throw new UsageError(
      "Standard input holds one token only: give your own by --api-token-file PATH, or by ORGTOKENS_API_TOKEN.",
    );
  if (tokenFile === undefined && context.readsFromTerminal)
    throw new UsageError(
      "Which token? Pipe it into standard input, or give --token-file PATH or --token-variable NAME.",
    );
  const text = await context.readText(path).catch((cause: unknown) => {
    throw new UsageError(`--token-file: ${path} cannot be read.`, { cause });
  });
  return required(text, `--token-file: ${path === "-" ? "standard input" : path} is empty.`);
}

function required(text: string | undefined, message: string): string {
  const token = text?.trim() ?? "";
  if (token === "") throw new UsageError(message);
  return token;
}
