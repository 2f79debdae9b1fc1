import type { User } from "../client.ts";
import { iterateUsers } from "../iterate-users.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { UsageError } from "./exit-code.ts";
import { findMember } from "./find-member.ts";
import { printable, show, tableOf } from "./output.ts";

type MemberFlags = CommonFlags & { readonly member: string };
type RoleFlags = { readonly role: User["role"] };

/** `members list`: everybody in the organization, newest first. */
export async function listMembers(context: CommandContext, flags: CommonFlags): Promise<void> {
  const client = await connect(context, flags);
  const users: User[] = [];
  for await (const user of iterateUsers(client, { signal: context.signal })) users.push(user);
  const rows = users.map(({ email, role, status, lastSignedIn, invitedBy, id }) => [
    email,
    role,
    status,
    lastSignedIn ?? "never",
    invitedBy ?? "",
    id,
  ]);
  show(context, flags, users, () =>
    tableOf(context, ["EMAIL", "ROLE", "STATUS", "LAST SIGNED IN", "INVITED BY", "ID"], rows),
  );
}

/** `members invite`: the server mails an invitation. */
export async function inviteMember(
  context: CommandContext,
  flags: CommonFlags & RoleFlags & { readonly email: string },
): Promise<void> {
  const client = await connect(context, flags);
  const user = await client.inviteUser({ email: flags.email, role: flags.role }, { signal: context.signal });
  show(context, flags, user, () => `Invited ${printable(user.email)} (${user.id}) as ${user.role}.\n`);
}

/** `members set-role`. */
export async function setMemberRole(context: CommandContext, flags: MemberFlags & RoleFlags): Promise<void> {
  const client = await connect(context, flags);
  const { id } = await findMember(client, flags.member, context.signal);
  const user = await client.updateUser(id, { role: flags.role }, { signal: context.signal });
  show(context, flags, user, () => `${printable(user.email)} (${user.id}) is ${user.role} now.\n`);
}

/** `members remove`: after the address was typed, or given. */
export async function removeMember(
  context: CommandContext,
  flags: MemberFlags & { readonly yesRemove?: string | undefined },
): Promise<void> {
  const client = await connect(context, flags);
  const { id, email, role } = await findMember(client, flags.member, context.signal);
  const confirmed = flags.yesRemove ?? (await confirm(context, email, role));
  if (confirmed !== email) {
    throw new UsageError(
      `Nobody was removed: the address is ${JSON.stringify(email)}, not ${JSON.stringify(confirmed)}.`,
    );
  }
  await client.removeUser(id, { signal: context.signal });
  show(context, flags, { id, email, removed: true }, () => `Removed ${printable(email)} (${id}).\n`);
}

async function confirm({ ask }: CommandContext, email: string, role: string): Promise<string> {
  if (ask !== undefined)
    return ask(`${printable(email)} is ${role}, and is signed out everywhere.\nType the address to remove it: `);
  throw new UsageError(
    `To remove somebody without a terminal, repeat the address: --yes-remove ${JSON.stringify(email)}`,
  );
}
