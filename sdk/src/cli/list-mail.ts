import type { ApiTokenMailPage } from "../client.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { findToken } from "./find-token.ts";
import { show, tableOf } from "./output.ts";

/** `tokens mail`: the newest hundred mails about a token, and what became of each. */
export async function listMail(
  context: CommandContext,
  flags: CommonFlags & { readonly token: string },
): Promise<void> {
  const { signal } = context;
  const client = await connect(context, flags);
  const { id } = await findToken(client, flags.token, signal);
  const { mail }: ApiTokenMailPage = await client.listApiTokenMail(id, { limit: 100 }, { signal });
  const rows = mail.map(({ created, kind, recipient, status, lastError }) => [
    created,
    kind,
    recipient,
    status,
    lastError ?? "",
  ]);
  show(context, flags, mail, () => tableOf(context, ["AT", "KIND", "TO", "STATUS", "LAST ERROR"], rows));
}
