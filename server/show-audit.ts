import process from "node:process";
import type { ChainReport } from "./domain/audit-check.ts";
import type { OnProgress } from "./verify-audit.ts";

/** What checking a chain found, in a line or two. */
export function describeChain({ organizationId, name, head, fault }: ChainReport): string {
  const whose = `${name} (${organizationId})`;
  if (fault === null) return `${whose}: ${head.sequence} events, intact. The last one's hash is ${head.hash}`;
  const which = fault.eventId === null ? "" : ` (${fault.eventId})`;
  return `${whose}: BROKEN at event ${fault.sequence}${which}: ${fault.kind}: ${fault.message}.
  Intact before it: ${head.sequence}.`;
}

/** Shows on a terminal how much of a chain has been checked. */
export const showProgress: OnProgress = ({ name, checked, length }) => {
  process.stderr.write(`\r\u001B[K${checked < length ? `${name}: ${checked} of ${length} events` : ""}`);
};
