import type { ApiToken } from "../client.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { explain, UsageError } from "./exit-code.ts";
import { findToken } from "./find-token.ts";
import { openStore } from "./open-store.ts";
import { jsonOf, printable } from "./show-tokens.ts";

/** What `tokens revoke` takes. */
export type RevokeTokenFlags = CommonFlags & {
  readonly token: string;
  /** The label, instead of typing it at the terminal. */
  readonly yesRevoke?: string | undefined;
};

/** `tokens revoke`: after the label was typed, or given; the entry in the store goes, too, if it is the token's. */
export async function revokeToken(context: CommandContext, flags: RevokeTokenFlags): Promise<void> {
  const client = connect(context, flags);
  const apiToken = await findToken(client, flags.token, context.signal);
  const { id, label } = apiToken;
  const confirmLabel = flags.yesRevoke ?? (await confirm(context, apiToken));
  if (confirmLabel !== label) {
    throw new UsageError(
      `Nothing was revoked: the label is ${JSON.stringify(label)}, not ${JSON.stringify(confirmLabel)}.`,
    );
  }
  await client.revokeApiToken(id, { confirmLabel }, { signal: context.signal });
  const entry = await deleteEntry(context, apiToken);
  const line = `Revoked ${printable(label)} (${id}).${entry === "deleted" ? ` Deleted ${apiToken.destination}` : ""}\n`;
  context.print(flags.json ? jsonOf({ id, label, revoked: true, entry }) : line);
}

async function confirm({ ask }: CommandContext, { label, lastUsed, destination }: ApiToken): Promise<string> {
  if (ask === undefined) {
    throw new UsageError(
      `To revoke without a terminal, repeat the token's label: --yes-revoke ${JSON.stringify(label)}`,
    );
  }
  const used = lastUsed === null ? "It was never used." : `It was last used ${lastUsed}.`;
  const place = destination === null ? "" : ` Its secret at ${destination} is deleted.`;
  return ask(
    `${used}${place} Whatever uses it stops working at once.\nType its label, ${printable(label)}, to revoke it: `,
  );
}

/** The token is dead by now: an entry that cannot be deleted is harmless, and said. */
async function deleteEntry(
  context: CommandContext,
  { id, destination }: ApiToken,
): Promise<"deleted" | "absent" | "not_ours" | "left"> {
  if (destination === null) return "absent";
  try {
    const store = openStore(context, destination);
    try {
      return await store.delete(id, { signal: context.signal });
    } finally {
      await store.close();
    }
  } catch (error) {
    context.tell(`Warning: the entry at ${destination} is left behind: ${explain(error)}\n`);
    return "left";
  }
}
