import { type Client, createClient } from "../client.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { UsageError } from "./exit-code.ts";

/**
 * Makes the client of a command. A token among the arguments is taken, with a warning: other users of the machine can see it.
 * @throws UsageError, ClientOptionsError
 */
export function connect({ environment, tell }: CommandContext, flags: CommonFlags): Client {
  const endpoint = flags.endpoint ?? environment["ORGTOKENS_ENDPOINT"];
  const apiToken = flags.apiToken ?? environment["ORGTOKENS_API_TOKEN"];
  if (flags.apiToken !== undefined) {
    tell(
      "Warning: --api-token is visible to other users of this machine and kept by the shell's history. Set ORGTOKENS_API_TOKEN instead.\n",
    );
  }
  if (endpoint === undefined || endpoint === "")
    throw new UsageError("Where is the server? Set ORGTOKENS_ENDPOINT, or give --endpoint.");
  if (apiToken === undefined || apiToken === "")
    throw new UsageError("Who are you? Set ORGTOKENS_API_TOKEN to an Admin token of the organization.");
  return createClient({ endpoint, apiToken, userAgent: "orgtokens-cli" });
}
