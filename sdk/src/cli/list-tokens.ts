import type { ApiToken, ListApiTokensQuery } from "../client.ts";
import { iterateApiTokens } from "../iterate-api-tokens.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { show } from "./output.ts";
import { tokenTableOf } from "./show-tokens.ts";

/** What `tokens list` takes. */
export type ListTokensFlags = CommonFlags & {
  readonly status?: ListApiTokensQuery["status"];
  readonly label?: string | undefined;
  readonly search?: string | undefined;
  readonly managedBy?: string | undefined;
};

/** `tokens list`: every token that matches, newest first; as JSON an array. */
export async function listTokens(context: CommandContext, flags: ListTokensFlags): Promise<void> {
  const client = await connect(context, flags);
  const { status, label, search, managedBy } = flags;
  const query = {
    ...(status === undefined ? {} : { status }),
    ...(label === undefined ? {} : { label }),
    ...(search === undefined ? {} : { search }),
    ...(managedBy === undefined ? {} : { managedBy }),
  };
  const tokens: ApiToken[] = [];
  for await (const token of iterateApiTokens(client, query, { signal: context.signal })) {
    tokens.push(token);
    if (tokens.length % 100 === 0) context.showProgress(`${tokens.length} tokens`);
  }
  context.showProgress("");
  show(context, flags, tokens, () => tokenTableOf(context, tokens));
}
