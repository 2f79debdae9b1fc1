import type { ApiToken, Client } from "../client.ts";
import { rotateApiToken } from "../delivery/index.ts";
import type { SecretStore } from "../secret-stores/index.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { secondsOf } from "./duration.ts";
import { explain } from "./exit-code.ts";
import { findToken } from "./find-token.ts";
import { openStore } from "./open-store.ts";
import { printable, show } from "./output.ts";
import { requirePrintable } from "./print-secret.ts";

/** What `tokens rotate` takes. */
export type RotateTokenFlags = CommonFlags & {
  readonly token: string;
  readonly store?: string | undefined;
  readonly gracePeriod?: string | undefined;
  readonly expiresIn?: string | undefined;
  readonly printSecret?: boolean | undefined;
};

/** `tokens rotate`: the new secret goes to the store that is named, or to where the last one is; without either it is printed. */
export async function rotateToken(context: CommandContext, flags: RotateTokenFlags): Promise<void> {
  const client = await connect(context, flags);
  const gracePeriodSeconds = secondsOf("grace-period", flags.gracePeriod);
  const expiresInSeconds = secondsOf("expires-in", flags.expiresIn);
  const times = {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
  };
  const apiToken = await findToken(client, flags.token, context.signal);
  const destination = flags.store ?? apiToken.destination;
  if (destination !== null) return deliver(context, { client, apiToken, destination, times, flags });
  requirePrintable(context, flags);
  const { token, ...rotated } = await client.rotateApiToken(apiToken.id, times, { signal: context.signal });
  context.tell(
    `Rotated ${printable(rotated.label)} (${rotated.id}). This is the only time that its new secret is shown:\n`,
  );
  show(context, flags, { ...rotated, token }, () => `${token}\n`);
}

type Rotation = {
  readonly client: Client;
  readonly apiToken: ApiToken;
  readonly destination: string;
  readonly times: { readonly gracePeriodSeconds?: number; readonly expiresInSeconds?: number };
  readonly flags: RotateTokenFlags;
};

async function deliver(context: CommandContext, rotation: Rotation): Promise<void> {
  const { client, destination, times, flags } = rotation;
  const { id: apiTokenId, label } = rotation.apiToken;
  const { signal, tell, showProgress } = context;
  const store = openStore(context, destination, flags.store === undefined ? label : "--store");
  const previousStore = openPrevious(context, rotation.apiToken, store);
  try {
    const observe = ({ kind }: { readonly kind: string }) => showProgress(`Delivering ${label}: ${kind}`);
    const previous = previousStore === undefined ? {} : { previousStore };
    const rotated = await rotateApiToken({ client, store, apiTokenId, ...times, ...previous, signal, observe });
    showProgress("");
    for (const message of rotated.warnings) tell(`Warning: ${message}\n`);
    const { apiToken, receipt } = rotated;
    const line = `Rotated ${printable(label)} (${apiTokenId}). Its new secret is at ${store.destination}\n`;
    show(context, flags, { apiToken, receipt }, () => line);
  } finally {
    await store.close();
    await previousStore?.close();
  }
}

/** The place that the secret moves away from; what cannot be opened is left behind, with a word. */
function openPrevious(context: CommandContext, { destination }: ApiToken, store: SecretStore): SecretStore | undefined {
  if (destination === null || destination === store.destination) return undefined;
  try {
    return openStore(context, destination, "The place it moves away from");
  } catch (error) {
    context.tell(`Warning: the entry at ${destination} is left behind: ${explain(error)}\n`);
    return undefined;
  }
}
