import type { Kysely } from "kysely";
import type { ChainFault, ChainFaultKind, ChainPage, ChainPosition } from "../domain/audit-check.ts";
import { hashAuditEvent } from "./audit-chain.ts";
import type { AuditEventRow, AuditHeadRow, Tables } from "./schema.ts";

/** How far around its place an event that was moved is looked for. */
const searchedAround = 1000;

/**
 * Checks up to `limit` events of a chain that follow `position`, and its end when they are the last. Events that are
 * appended meanwhile are no fault.
 */
export async function checkAuditChain(
  database: Kysely<Tables>,
  organizationId: string,
  position: ChainPosition,
  limit: number,
): Promise<ChainPage> {
  // Read before the events: what it counts was committed then.
  const head = await findHead(database, organizationId);
  const rows = await database
    .selectFrom("audit_events")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("sequence", ">", position.sequence)
    .orderBy("sequence")
    .limit(limit)
    .execute();
  let reached = position;
  for (const row of rows.map(parseNumbers)) {
    const fault = await findFault(database, row, reached);
    if (fault !== undefined) return { state: "broken", position: reached, fault };
    reached = { sequence: row.sequence, hash: row.hash };
  }
  if (rows.length > 0) return { state: "intact", position: reached, isEnd: false, length: head?.sequence ?? 0 };
  const fault = checkEnd(head, position);
  if (fault !== undefined) return { state: "broken", position, fault };
  return { state: "intact", position, isEnd: true, length: position.sequence };
}

async function findHead(database: Kysely<Tables>, organizationId: string): Promise<AuditHeadRow | undefined> {
  const head = await database
    .selectFrom("audit_heads")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .executeTakeFirst();
  return head === undefined ? undefined : { ...head, sequence: Number(head.sequence) };
}

/** A driver may give 64-bit numbers as text; hashes cover them as numbers. */
function parseNumbers(row: AuditEventRow): AuditEventRow {
  return { ...row, sequence: Number(row.sequence), at: Number(row.at) };
}

async function findFault(
  database: Kysely<Tables>,
  row: AuditEventRow,
  { sequence, hash }: ChainPosition,
): Promise<ChainFault | undefined> {
  const expected = sequence + 1;
  if (row.sequence !== expected) {
    const count = row.sequence - expected;
    return fault("removed", expected, null, `${count === 1 ? "an event is" : `${count} events are`} missing here`);
  }
  const isItself = hashAuditEvent(row) === row.hash;
  if (isItself && row.previous_hash === hash) return undefined;
  if (isItself) return atRow("changed", row, "it does not follow the event before it: one of the two was replaced");
  const original = findOriginalSequence(row);
  if (original === undefined) return atRow("changed", row, "its hash is not the one of what it says");
  if (original < row.sequence) return atRow("inserted", row, `it was event ${original}: one was put in before it`);
  const isAnywhere = await hasHash(database, row.organization_id, row.previous_hash);
  return isAnywhere && row.previous_hash !== hash
    ? atRow("reordered", row, `it was event ${original}`)
    : atRow("removed", row, `it was event ${original}: what was here before is missing`);
}

/** The place at which the event would be intact. */
function findOriginalSequence(row: AuditEventRow): number | undefined {
  const first = Math.max(1, row.sequence - searchedAround);
  for (let sequence = first; sequence <= row.sequence + searchedAround; sequence += 1) {
    if (hashAuditEvent({ ...row, sequence }) === row.hash) return sequence;
  }
  return undefined;
}

async function hasHash(database: Kysely<Tables>, organizationId: string, hash: string): Promise<boolean> {
  const row = await database
    .selectFrom("audit_events")
    .select("sequence")
    .where("organization_id", "=", organizationId)
    .where("hash", "=", hash)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

function checkEnd(head: AuditHeadRow | undefined, { sequence, hash }: ChainPosition): ChainFault | undefined {
  if (head === undefined) return fault("tail_cut", sequence + 1, null, "the record of where the chain ends is missing");
  if (head.sequence > sequence) {
    const count = head.sequence - sequence;
    return fault(
      "tail_cut",
      sequence + 1,
      null,
      `the last ${count === 1 ? "event is" : `${count} events are`} missing`,
    );
  }
  if (head.sequence < sequence) {
    return fault("inserted", head.sequence + 1, null, `the chain ended at event ${head.sequence}`);
  }
  return head.hash === hash
    ? undefined
    : fault("changed", sequence, null, "the last event is not the one that was written");
}

function fault(kind: ChainFaultKind, sequence: number, eventId: string | null, message: string): ChainFault {
  return { kind, sequence, eventId, message };
}

function atRow(kind: ChainFaultKind, { sequence, id }: AuditEventRow, message: string): ChainFault {
  return fault(kind, sequence, id, message);
}
