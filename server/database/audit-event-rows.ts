import type { Actor, AuditFields, ChainedAuditEvent } from "../domain/audit-event.ts";
import { parseId } from "../domain/ids.ts";
import type { AuditEventRow } from "./schema.ts";

const actorTypes: readonly Actor["type"][] = ["api_token", "user", "system", "anonymous"];
const outcomes: readonly ChainedAuditEvent["outcome"][] = ["done", "refused"];

/**
 * Reads an event from its row.
 * @throws TypeError when the row holds what no version of this program has written.
 */
export function parseAuditEvent(row: AuditEventRow): ChainedAuditEvent {
  const { ip, user_agent: userAgent, request_id: requestId } = row;
  return {
    id: parseId(row.id),
    organizationId: parseId(row.organization_id),
    sequence: Number(row.sequence),
    at: new Date(Number(row.at)),
    action: row.action,
    outcome: parseOneOf(outcomes, row.outcome),
    actor: { type: parseOneOf(actorTypes, row.actor_type), id: row.actor_id, label: row.actor_label },
    target: parseTarget(row),
    origin: { ip, userAgent, requestId },
    before: parseFields(row.before),
    after: parseFields(row.after),
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}

function parseTarget(row: AuditEventRow): ChainedAuditEvent["target"] {
  const { target_type: type, target_id: id, target_label: label } = row;
  if (type === null || id === null || label === null) return null;
  return { type, id, label };
}

function parseFields(text: string | null): AuditFields | null {
  if (text === null) return null;
  const fields: unknown = JSON.parse(text);
  if (typeof fields !== "object" || fields === null) throw new TypeError("An event's fields must be an object.");
  return fields as AuditFields;
}

function parseOneOf<Value extends string>(values: readonly Value[], text: string): Value {
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) throw new TypeError(`An event cannot have ${text.slice(0, 100)}.`);
  return value;
}
