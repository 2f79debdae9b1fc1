import type { UpdateApiTokenRequest } from "../client.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { secondsOf } from "./duration.ts";
import { UsageError } from "./exit-code.ts";
import { findToken } from "./find-token.ts";
import { linesOf, show } from "./output.ts";

/** What `tokens update` takes; what is left out stays as it is. */
export type UpdateTokenFlags = CommonFlags & {
  readonly token: string;
  readonly label?: string | undefined;
  /** An empty one clears it. */
  readonly description?: string | undefined;
  /** From now; `never` for a token without expiry. */
  readonly expiresIn?: string | undefined;
  /** `any` for everywhere. */
  readonly network?: readonly string[] | undefined;
  /** An empty one clears it. */
  readonly managedBy?: string | undefined;
};

/** `tokens update`: changes what is named, unless somebody else has changed the token meanwhile. */
export async function updateToken(context: CommandContext, flags: UpdateTokenFlags): Promise<void> {
  const changes = changesOf(flags);
  if (Object.keys(changes).length === 0)
    throw new UsageError("Name something to change. See orgtokens tokens update --help.");
  const client = await connect(context, flags);
  const { signal } = context;
  const { id, version } = await findToken(client, flags.token, signal);
  const apiToken = await client.updateApiToken(id, changes, { signal, ifVersion: version });
  show(context, flags, apiToken, () => linesOf(apiToken));
}

function changesOf({ label, description, expiresIn, network, managedBy }: UpdateTokenFlags): UpdateApiTokenRequest {
  const expiresInSeconds = expiresIn === "never" ? undefined : secondsOf("expires-in", expiresIn);
  return {
    ...(label === undefined ? {} : { label }),
    ...(description === undefined ? {} : { description: description || null }),
    ...(expiresIn === "never" ? { expiresAt: null } : {}),
    ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
    ...(network === undefined ? {} : { allowedNetworks: network.filter((one) => one !== "any") }),
    ...(managedBy === undefined ? {} : { managedBy: managedBy || null }),
  };
}
