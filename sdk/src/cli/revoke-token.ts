import type { ApiToken } from "../client.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { exitCodeOf, exitCodes, explain, UsageError } from "./exit-code.ts";
import { findToken } from "./find-token.ts";
import { openStore } from "./open-store.ts";
import { printable, show } from "./output.ts";

/** What `tokens revoke` takes. */
export type RevokeTokenFlags = CommonFlags & {
  readonly token: string;
  /** The label, instead of typing it at the terminal. */
  readonly yesRevoke?: string | undefined;
  /** Where its entry is, instead of where the server says. */
  readonly store?: string | undefined;
};

/**
 * `tokens revoke`: after the label was typed, or given; the entry in the store goes, too, if it is the token's. Gives the exit code:
 * an entry that is left behind is a failure, which the same command with the token's id ends later.
 */
export async function revokeToken(context: CommandContext, flags: RevokeTokenFlags): Promise<number> {
  const client = await connect(context, flags);
  const apiToken = await findToken(client, flags.token, context.signal);
  const { id, label } = apiToken;
  const destination = flags.store ?? apiToken.destination;
  // A URI that is none is said before anything is revoked.
  if (flags.store !== undefined) await openStore(context, flags.store, "--store").close();
  const confirmLabel = flags.yesRevoke ?? (await confirm(context, apiToken));
  if (confirmLabel !== label) {
    throw new UsageError(
      `Nothing was revoked: the label is ${JSON.stringify(label)}, not ${JSON.stringify(confirmLabel)}.`,
    );
  }
  await client.revokeApiToken(id, { confirmLabel }, { signal: context.signal });
  const { entry, exitCode } = await deleteEntry(context, id, destination);
  const line = `Revoked ${printable(label)} (${id}).${entry === "deleted" ? ` Deleted ${destination}` : ""}\n`;
  show(context, flags, { id, label, revoked: true, entry }, () => line);
  return exitCode;
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

/** What became of the entry, and what the command ends with for that. */
type Deletion = {
  readonly entry: "deleted" | "absent" | "not_ours" | "left";
  readonly exitCode: number;
};

/** The token is dead by now: an entry that cannot be deleted is harmless, but not what was asked for. */
async function deleteEntry(context: CommandContext, id: string, destination: string | null): Promise<Deletion> {
  if (destination === null) return { entry: "absent", exitCode: exitCodes.done };
  try {
    const store = openStore(context, destination, "Its place");
    try {
      const entry = await store.delete(id, { signal: context.signal });
      if (entry === "not_ours")
        context.tell(`What is at ${destination} now is not this token's, and was left as it is.\n`);
      return { entry, exitCode: exitCodes.done };
    } finally {
      await store.close();
    }
  } catch (error) {
    const again = `To delete it, run orgtokens tokens revoke ${id} again.`;
    context.tell(`The token is revoked, but its entry at ${destination} is left behind: ${explain(error)} ${again}\n`);
    return { entry: "left", exitCode: exitCodeOf(error) };
  }
}
