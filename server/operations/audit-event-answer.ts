import type { operations } from "@orgtokens/sdk/openapi";
import type { AuditEventFilter, ChainedAuditEvent } from "../domain/audit-event.ts";
import { invalidRequest } from "../domain/problem.ts";
import type { Schema } from "./operation.ts";

type Query = NonNullable<operations["listAuditEvents"]["parameters"]["query"]>;

/** An event as the contract shows it. */
export function auditEventAnswer(event: ChainedAuditEvent): Schema<"AuditEvent"> {
  const { id, sequence, at, action, outcome, actor, target, origin, before, after, previousHash, hash } = event;
  return {
    id,
    sequence,
    at: at.toISOString(),
    action,
    outcome,
    actor,
    target,
    ...origin,
    before,
    after,
    previousHash,
    hash,
  };
}

/**
 * Which events a query asks for.
 * @throws ProblemError `request_invalid` when a time does not exist, as a leap second.
 */
export function auditEventFilter(query: Omit<Query, "limit" | "cursor">): AuditEventFilter {
  const { action, outcome, actorId, targetId, from, to } = query;
  return {
    ...(action === undefined ? {} : { action }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(actorId === undefined ? {} : { actorId }),
    ...(targetId === undefined ? {} : { targetId }),
    ...(from === undefined ? {} : { from: parseTime("from", from) }),
    ...(to === undefined ? {} : { to: parseTime("to", to) }),
  };
}

function parseTime(name: "from" | "to", text: string): Date {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  const message = "must be an RFC 3339 date and time";
  throw invalidRequest({ pointer: `/query/${name}`, code: "format_wrong", message });
}
