import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { linesOf, show } from "./output.ts";

/** `whoami`: as whom the server knows the caller, and in which organization. */
export async function whoami(context: CommandContext, flags: CommonFlags): Promise<void> {
  const client = await connect(context, flags);
  const call = { signal: context.signal };
  const [me, organization] = [await client.getMe(call), await client.getOrganization(call)];
  const caller = me.type === "api_token" ? me.apiToken : me.user;
  show(context, flags, { me, organization }, () => linesOf({ organization: organization.name, ...caller }));
}
