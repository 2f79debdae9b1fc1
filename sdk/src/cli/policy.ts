import type { UpdateOrganizationPolicyRequest } from "../client.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { secondsOf } from "./duration.ts";
import { UsageError } from "./exit-code.ts";
import { linesOf, show } from "./output.ts";

/** The rules that `policy set` takes; what is left out stays as it is. */
export type SetPolicyFlags = CommonFlags & {
  readonly defaultLifetime?: string | undefined;
  readonly maximumLifetime?: string | undefined;
  readonly tokenRoles?: readonly ("developer" | "admin")[] | undefined;
  readonly duplicateLabels?: UpdateOrganizationPolicyRequest["duplicateLabels"] | undefined;
  readonly labelConfirmation?: UpdateOrganizationPolicyRequest["labelConfirmation"] | undefined;
  readonly tokensMayGenerate?: boolean | undefined;
  readonly onLeak?: UpdateOrganizationPolicyRequest["onLeak"] | undefined;
};

/** `policy show`. */
export async function showPolicy(context: CommandContext, flags: CommonFlags): Promise<void> {
  const client = await connect(context, flags);
  const policy = await client.getOrganizationPolicy({ signal: context.signal });
  show(context, flags, policy, () => linesOf(policy));
}

/** `policy set`: changes the rules that are named, and shows all of them. */
export async function setPolicy(context: CommandContext, flags: SetPolicyFlags): Promise<void> {
  const changes = changesOf(flags);
  if (Object.keys(changes).length === 0)
    throw new UsageError("Name a rule to change. See orgtokens policy set --help.");
  const client = await connect(context, flags);
  const policy = await client.updateOrganizationPolicy(changes, { signal: context.signal });
  show(context, flags, policy, () => linesOf(policy));
}

function changesOf(flags: SetPolicyFlags): UpdateOrganizationPolicyRequest {
  const { tokenRoles, duplicateLabels, labelConfirmation, tokensMayGenerate, onLeak } = flags;
  const defaultLifetimeSeconds = lifetimeOf("default-lifetime", flags.defaultLifetime);
  const maximumLifetimeSeconds = lifetimeOf("maximum-lifetime", flags.maximumLifetime);
  return {
    ...(defaultLifetimeSeconds === undefined ? {} : { defaultLifetimeSeconds }),
    ...(maximumLifetimeSeconds === undefined ? {} : { maximumLifetimeSeconds }),
    ...(tokenRoles === undefined ? {} : { tokenRoles: [...tokenRoles] }),
    ...(duplicateLabels === undefined ? {} : { duplicateLabels }),
    ...(labelConfirmation === undefined ? {} : { labelConfirmation }),
    ...(tokensMayGenerate === undefined ? {} : { tokensMayGenerate }),
    ...(onLeak === undefined ? {} : { onLeak }),
  };
}

/** Null is no limit. */
function lifetimeOf(flag: string, text: string | undefined): number | null | undefined {
  return text === "none" ? null : secondsOf(flag, text);
}
