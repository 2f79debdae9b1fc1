import { createHash } from "node:crypto";
import type { AuditEventRow } from "./schema.ts";

/** What the first event of a chain follows. */
export const firstHash = "0".repeat(64);

/** Everything of an event that its hash covers, in this order. */
const covered = [
  "previous_hash",
  "organization_id",
  "sequence",
  "id",
  "at",
  "action",
  "outcome",
  "actor_type",
  "actor_id",
  "actor_label",
  "target_type",
  "target_id",
  "target_label",
  "ip",
  "user_agent",
  "request_id",
  "before",
  "after",
] as const satisfies readonly (keyof AuditEventRow)[];

/** The SHA-256, in hexadecimal, of an event and the hash before it: no event can be changed without all after it. */
export function hashAuditEvent(row: Omit<AuditEventRow, "hash">): string {
  return createHash("sha256")
    .update(JSON.stringify(covered.map((name) => row[name])))
    .digest("hex");
}
