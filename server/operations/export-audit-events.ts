import type { ChainedAuditEvent } from "../domain/audit-event.ts";
import type { AdminPrincipal } from "../domain/principal.ts";
import { auditEventAnswer, auditEventFilter } from "./audit-event-answer.ts";
import type { Operation, Schema } from "./operation.ts";

/** How many events are read at once. */
const pageSize = 500;

/** Exports what happened in the organization, oldest first, a page at a time as its reader takes it. */
export const exportAuditEvents: Operation<"exportAuditEvents", AdminPrincipal> = async (
  services,
  { principal, query },
) => {
  const filter = auditEventFilter(query);
  const { auditEvents } = services.database.stores;
  const readPage = (after: number) =>
    auditEvents.listAuditEventsForward(principal.organizationId, filter, { limit: pageSize, after });
  // Before the answer begins, so that a database that is away is a problem and not half an answer.
  return walk(await readPage(0), readPage);
};

async function* walk(
  firstPage: readonly ChainedAuditEvent[],
  readPage: (after: number) => Promise<readonly ChainedAuditEvent[]>,
): AsyncGenerator<Schema<"AuditEvent">, void, undefined> {
  let page = firstPage;
  for (;;) {
    for (const event of page) yield auditEventAnswer(event);
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    page = await readPage(last.sequence);
  }
}
