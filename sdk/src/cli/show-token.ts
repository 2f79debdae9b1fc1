import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { findToken } from "./find-token.ts";
import { linesOf, show } from "./output.ts";

/** `tokens show`: everything that may be seen of a token. */
export async function showToken(
  context: CommandContext,
  flags: CommonFlags & { readonly token: string },
): Promise<void> {
  const apiToken = await findToken(await connect(context, flags), flags.token, context.signal);
  show(context, flags, apiToken, () => linesOf(apiToken));
}
