import type { Expression, ExpressionBuilder, Kysely, SqlBool } from "kysely";
import type { AuditEvent, AuditEventFilter } from "../domain/audit-event.ts";
import { type OrganizationId, parseId } from "../domain/ids.ts";
import type { AuditEventStore } from "../domain/stores.ts";
import { firstHash, hashAuditEvent } from "./audit-chain.ts";
import { parseAuditEvent } from "./audit-event-rows.ts";
import { checkAuditChain } from "./check-audit-chain.ts";
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
    async listAuditEvents(organizationId, filter, { limit, before }) {
      const rows = await database
        .selectFrom("audit_events")
        .selectAll()
        .where((builder) => matches(builder, organizationId, filter))
        .$if(before !== undefined, (query) => query.where("sequence", "<", before ?? 0))
        .orderBy("sequence", "desc")
        .limit(limit)
        .execute();
      return rows.map(parseAuditEvent);
    },
    async listAuditEventsForward(organizationId, filter, { limit, after }) {
      const rows = await database
        .selectFrom("audit_events")
        .selectAll()
        .where((builder) => matches(builder, organizationId, filter))
        .where("sequence", ">", after)
        .orderBy("sequence")
        .limit(limit)
        .execute();
      return rows.map(parseAuditEvent);
    },
    async findNewestSequences(organizationIds) {
      const rows = await database
        .selectFrom("audit_heads")
        .select(["organization_id", "sequence"])
        .where("organization_id", "in", [...organizationIds])
        .execute();
      return new Map(rows.map((row) => [parseId<OrganizationId>(row.organization_id), Number(row.sequence)]));
    },
    checkChain: (organizationId, position, limit) =>
      checkAuditChain(database, organizationId, position ?? { sequence: 0, hash: firstHash }, limit),
  };
}

function matches(
  { eb, and }: ExpressionBuilder<Tables, "audit_events">,
  organizationId: OrganizationId,
  { action, outcome, actorId, targetId, from, to }: AuditEventFilter,
): Expression<SqlBool> {
  return and([
    eb("organization_id", "=", organizationId),
    ...(action === undefined ? [] : [eb("action", "=", action)]),
    ...(outcome === undefined ? [] : [eb("outcome", "=", outcome)]),
    ...(actorId === undefined ? [] : [eb("actor_id", "=", actorId)]),
    ...(targetId === undefined ? [] : [eb("target_id", "=", targetId)]),
    ...(from === undefined ? [] : [eb("at", ">=", from.getTime())]),
    ...(to === undefined ? [] : [eb("at", "<", to.getTime())]),
  ]);
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
