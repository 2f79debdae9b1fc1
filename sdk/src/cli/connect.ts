import { type Client, createClient } from "../client.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { UsageError } from "./exit-code.ts";

/**
 * Makes the client of a command. The caller's own token comes from the environment, a file or standard input, never from the
 * arguments: other users of the machine see those, and the shell keeps them.
 *
 * @throws UsageError, ClientOptionsError
 */
export async function connect(context: CommandContext, flags: CommonFlags): Promise<Client> {
  const endpoint = flags.endpoint ?? context.environment["ORGTOKENS_ENDPOINT"];
  if (flags.apiToken !== undefined) {
    throw new UsageError(
      "--api-token is not taken: other users of this machine see it, and the shell keeps it in its history. Set ORGTOKENS_API_TOKEN, or give --api-token-file PATH, where - is standard input. If that token is a real one, rotate it.",
    );
  }
  if (endpoint === undefined || endpoint === "")
    throw new UsageError("Where is the server? Set ORGTOKENS_ENDPOINT, or give --endpoint.");
  const apiToken = await readApiToken(context, flags);
  return createClient({ endpoint, apiToken, userAgent: "orgtokens-cli" });
}

async function readApiToken({ environment, readText }: CommandContext, flags: CommonFlags): Promise<string> {
  const own = environment["ORGTOKENS_API_TOKEN"];
  const path = flags.apiTokenFile ?? (own ? undefined : environment["ORGTOKENS_API_TOKEN_FILE"]);
  if (path) {
    const name = flags.apiTokenFile === undefined ? "ORGTOKENS_API_TOKEN_FILE" : "--api-token-file";
    const text = await readText(path).catch((cause: unknown) => {
      throw new UsageError(`${name}: ${path} cannot be read.`, { cause });
    });
    if (text.trim() !== "") return text.trim();
    throw new UsageError(`${name}: ${path === "-" ? "standard input" : path} is empty.`);
  }
  if (own) return own;
  throw new UsageError(
    "Who are you? Set ORGTOKENS_API_TOKEN to an Admin token of the organization, or give --api-token-file PATH, where - is standard input.",
  );
}
