import type { CreateApiTokenRequest } from "../client.ts";
import { deliverApiToken } from "../delivery/index.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { secondsOf } from "./duration.ts";
import { openStore } from "./open-store.ts";
import { printable, show } from "./output.ts";
import { requirePrintable } from "./print-secret.ts";

/** What `tokens create` takes. */
export type CreateTokenFlags = CommonFlags & {
  readonly label: string;
  readonly role: "developer" | "admin";
  readonly description?: string | undefined;
  readonly expiresIn?: string | undefined;
  readonly managedBy?: string | undefined;
  readonly store?: string | undefined;
  readonly printSecret?: boolean | undefined;
};

/** Who owns what this command delivers, when nobody says otherwise: repeating a delivery that was cut short then ends it. */
const ownManagedBy = "orgtokens-cli";

/** `tokens create`: with a store the secret goes there and nowhere else; without one it is printed, this once. */
export async function createToken(context: CommandContext, flags: CreateTokenFlags): Promise<void> {
  const { label, role, description, store: destination } = flags;
  const expiresInSeconds = secondsOf("expires-in", flags.expiresIn);
  const managedBy = flags.managedBy ?? (destination === undefined ? undefined : ownManagedBy);
  const request: CreateApiTokenRequest = {
    label,
    role,
    ...(description === undefined ? {} : { description }),
    ...(managedBy === undefined ? {} : { managedBy }),
    ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
  };
  const { tell, showProgress, signal } = context;
  if (destination === undefined) {
    requirePrintable(context, flags);
    const client = await connect(context, flags);
    const { warnings, ...created } = await client.createApiToken(request, { signal });
    for (const { message } of warnings) tell(`Warning: ${message}\n`);
    tell(`Generated ${printable(label)} (${created.id}). This is the only time that its secret is shown:\n`);
    show(context, flags, created, () => `${created.token}\n`);
    return;
  }
  const store = openStore(context, destination, "--store");
  try {
    const client = await connect(context, flags);
    const observe = ({ kind }: { readonly kind: string }) => showProgress(`Delivering ${label}: ${kind}`);
    const delivered = await deliverApiToken({ client, store, request, signal, observe });
    showProgress("");
    const { apiToken, outcome, receipt, warnings } = delivered;
    for (const { message } of warnings) tell(`Warning: ${message}\n`);
    const verb = outcome === "adopted" ? "Adopted" : "Generated";
    const line = `${verb} ${printable(label)} (${apiToken.id}). Its secret is at ${store.destination}\n`;
    show(context, flags, { apiToken, outcome, receipt }, () => line);
  } finally {
    await store.close();
  }
}
