import type { ApiToken, Client } from "../client.ts";
import { iterateApiTokens } from "../iterate-api-tokens.ts";
import type { StoredEntry } from "../secret-stores/index.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { exitCodes, explain } from "./exit-code.ts";
import { findToken } from "./find-token.ts";
import { openStore } from "./open-store.ts";
import { printable, show } from "./output.ts";

/** What `tokens deliver-check` takes: tokens, or a namespace, or nothing for all that were delivered. */
export type DeliverCheckFlags = CommonFlags & {
  readonly tokens?: readonly string[] | undefined;
  readonly managedBy?: string | undefined;
};

/**
 * What a store says of a token's secret: `changed` since it was delivered, overwritten or deleted; `outdated` is an older one of the
 * token; `unchecked` could not be found out.
 */
export type DeliveryState = "held" | "missing" | "changed" | "of_another" | "outdated" | "unchecked";

/** How many stores are asked at once. */
const parallelism = 8;

/** `tokens deliver-check`: whether each store still holds what was delivered there, from its metadata. Gives the exit code. */
export async function deliverCheck(context: CommandContext, flags: DeliverCheckFlags): Promise<number> {
  const client = await connect(context, flags);
  const tokens = await findDelivered(context, client, flags);
  const states = new Map<string, { readonly state: DeliveryState; readonly why?: string }>();
  const waiting = [...tokens];
  const work = async () => {
    for (let token = waiting.shift(); token !== undefined; token = waiting.shift()) {
      states.set(token.id, await check(context, token));
      context.showProgress(`${states.size} of ${tokens.length} checked`);
    }
  };
  await Promise.all(Array.from({ length: parallelism }, work));
  context.showProgress("");
  const results = tokens.map(({ id, label, destination }) => ({ id, label, destination, ...states.get(id) }));
  const line = ({ label, destination, state, why }: (typeof results)[number]) =>
    `${String(state).padEnd(10)}  ${printable(label)}  ${destination}${why === undefined ? "" : `  (${why})`}\n`;
  show(context, flags, results, () => results.map(line).join(""));
  if (results.some(({ state }) => state !== "held" && state !== "unchecked")) return exitCodes.notDelivered;
  return results.some(({ state }) => state === "unchecked") ? exitCodes.unavailable : exitCodes.done;
}

async function findDelivered(
  { signal, tell }: CommandContext,
  client: Client,
  { tokens: named = [], managedBy }: DeliverCheckFlags,
): Promise<readonly ApiToken[]> {
  const found: ApiToken[] = [];
  for (const name of named) found.push(await findToken(client, name, signal));
  if (named.length === 0) {
    const query = managedBy === undefined ? {} : { managedBy };
    for await (const token of iterateApiTokens(client, query, { signal })) {
      if (token.destination !== null) found.push(token);
    }
  }
  for (const { label, destination } of found)
    if (destination === null) tell(`${printable(label)} was delivered to no store; there is nothing to check.\n`);
  return found.filter(({ destination }) => destination !== null);
}

async function check(
  context: CommandContext,
  token: ApiToken,
): Promise<{ readonly state: DeliveryState; readonly why?: string }> {
  try {
    const store = openStore(context, token.destination ?? "", "Its place");
    try {
      return { state: judge(token, await store.describe({ signal: context.signal })) };
    } finally {
      await store.close();
    }
  } catch (error) {
    context.signal.throwIfAborted();
    return { state: "unchecked", why: explain(error) };
  }
}

function judge({ id, fingerprint, newFingerprint }: ApiToken, entry: StoredEntry | undefined): DeliveryState {
  if (entry === undefined) return "missing";
  if (entry.apiTokenId !== id) return "of_another";
  if (entry.fingerprint === undefined) return "changed";
  return [fingerprint, newFingerprint].includes(entry.fingerprint) ? "held" : "outdated";
}
