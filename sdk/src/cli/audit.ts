import type { AuditEvent, ListAuditEventsQuery } from "../client.ts";
import { iterateAuditEvents } from "../iterate-audit-events.ts";
import type { CommandContext, CommonFlags } from "./command-context.ts";
import { connect } from "./connect.ts";
import { UsageError } from "./exit-code.ts";
import { show, tableOf } from "./output.ts";

/** Which events are wanted: those that match all of it. */
export type AuditFlags = CommonFlags & {
  readonly action?: string | undefined;
  readonly outcome?: ListAuditEventsQuery["outcome"] | undefined;
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

/** `audit list`: the newest events that match. */
export async function listAudit(
  context: CommandContext,
  flags: AuditFlags & { readonly limit: number },
): Promise<void> {
  if (!Number.isSafeInteger(flags.limit) || flags.limit < 1)
    throw new UsageError("--limit must be a whole number from 1. Everything is given by audit export.");
  const client = await connect(context, flags);
  const query = { ...queryOf(flags), limit: Math.min(flags.limit, 100) };
  const events: AuditEvent[] = [];
  for await (const event of iterateAuditEvents(client, query, { signal: context.signal })) {
    events.push(event);
    if (events.length === flags.limit) break;
  }
  const rows = events.map(({ at, action, outcome, actor, target, ip }) => [
    at,
    action,
    outcome,
    actor.label || actor.type,
    target?.label ?? "",
    ip ?? "",
  ]);
  show(context, flags, events, () => tableOf(context, ["AT", "ACTION", "OUTCOME", "ACTOR", "TARGET", "FROM"], rows));
}

/** `audit export`: every event that matches as JSON Lines, newest first, in step with whoever reads them. */
export async function exportAudit(context: CommandContext, flags: AuditFlags): Promise<void> {
  if (flags.output === "table" || flags.output === "yaml")
    throw new UsageError("audit export writes JSON Lines; leave --output out.");
  const client = await connect(context, flags);
  const events = iterateAuditEvents(client, queryOf(flags), { signal: context.signal });
  for await (const event of events) await context.printAll(`${JSON.stringify(event)}\n`);
}

function queryOf({ action, outcome, actor, target, from, to }: AuditFlags): Omit<ListAuditEventsQuery, "cursor"> {
  return {
    ...(action === undefined ? {} : { action }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(actor === undefined ? {} : { actorId: actor }),
    ...(target === undefined ? {} : { targetId: target }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}
