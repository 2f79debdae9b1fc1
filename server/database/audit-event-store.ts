import type { Kysely } from "kysely";
import type { AuditEvent } from "../domain/audit-event.ts";
import type { AuditEventStore } from "../domain/stores.ts";
import { hashAuditEvent } from "./audit-chain.ts";
import type { AuditEventRow, Tables } from "./schema.ts";

/** Chained events in the database. */
export function createAuditEventStore(database: Kysely<Tables>): AuditEventStore {
  return {
    async appendAuditEvent(event) {
      // Holds the chain's end until the transaction has ended.
      const head = await database
        .updateTable("audit_heads")
        .set(({ eb }) => ({ sequence: eb("sequence", "+", 1) }))
        .where("organization_id", "=", event.organizationId)
        .returning(["sequence", "hash"])
        .executeTakeFirstOrThrow();
      const row = { ...auditEventRow(event), sequence: Number(head.sequence), previous_hash: head.hash };
      const hash = hashAuditEvent(row);
      await database
        .insertInto("audit_events")
        .values({ ...row, hash })
        .execute();
      await database
        .updateTable("audit_heads")
        .set({ hash })
        .where("organization_id", "=", event.organizationId)
        .execute();
    },
  };
}

function auditEventRow(event: AuditEvent): Omit<AuditEventRow, "sequence" | "previous_hash" | "hash"> {
  const { actor, target, origin } = event;
  return {
    organization_id: event.organizationId,
    id: event.id,
    at: event.at.getTime(),
    action: event.action,
    outcome: event.outcome,
    actor_type: actor.type,
    actor_id: actor.id,
    actor_label: actor.label,
    target_type: target?.type ?? null,
    target_id: target?.id ?? null,
    target_label: target?.label ?? null,
    ip: origin.ip,
    user_agent: origin.userAgent,
    request_id: origin.requestId,
    before: event.before === null ? null : JSON.stringify(event.before),
    after: event.after === null ? null : JSON.stringify(event.after),
  };
}
