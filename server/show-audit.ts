import type { AuditVerifyConfig } from "./config.ts";
import type { ChainReport } from "./domain/audit-check.ts";
import type { Database } from "./domain/stores.ts";
import { verifyAudit } from "./verify-audit.ts";

/** Where a command writes: its result, and what a person at a terminal may see meanwhile. */
export type Output = {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
};

/**
 * Checks every chain of audit events that is asked for, and writes a line about each, with its progress on a terminal.
 * @returns whether all are intact.
 * @throws Error when there is no such organization, or the database cannot be read.
 */
export async function showAudit(
  database: Database,
  { organizationId, json }: Pick<AuditVerifyConfig, "organizationId" | "json">,
  { stdout, stderr }: Output,
): Promise<boolean> {
  let isIntact = true;
  const reports = verifyAudit(database, organizationId, ({ name, checked, length }) => {
    if (stderr.isTTY !== true) return;
    stderr.write(`\r\u001B[K${checked < length ? `${name}: ${checked} of ${length} events` : ""}`);
  });
  for await (const report of reports) {
    stdout.write(`${json ? JSON.stringify(report) : describeChain(report)}\n`);
    if (report.fault !== null) isIntact = false;
  }
  return isIntact;
}

/** What checking a chain found, in a line or two. */
function describeChain({ organizationId, name, head, fault }: ChainReport): string {
  const whose = `${name} (${organizationId})`;
  if (fault === null) return `${whose}: ${head.sequence} events, intact. The last one's hash is ${head.hash}`;
  const which = fault.eventId === null ? "" : ` (${fault.eventId})`;
  return `${whose}: BROKEN at event ${fault.sequence}${which}: ${fault.kind}: ${fault.message}.
  Intact before it: ${head.sequence}.`;
}
