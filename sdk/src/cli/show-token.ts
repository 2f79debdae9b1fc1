import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { findToken } from "./find-token.ts";
import { jsonOf, linesOf } from "./show-tokens.ts";

/** `tokens show`: everything that may be seen of a token. */
export async function showToken(
  context: CommandContext,
  flags: CommonFlags & { readonly token: string },
): Promise<void> {
  const apiToken = await findToken(await connect(context, flags), flags.token, context.signal);
  context.print(flags.json ? jsonOf(apiToken) : linesOf(apiToken));
}
