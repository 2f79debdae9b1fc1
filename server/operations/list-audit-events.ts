import type { AdminPrincipal } from "../domain/principal.ts";
import { auditEventAnswer, auditEventFilter } from "./audit-event-answer.ts";
import type { Operation } from "./operation.ts";

const defaultLimit = 10;

/** Lists what happened in the organization, newest first. */
export const listAuditEvents: Operation<"listAuditEvents", AdminPrincipal> = async (services, { principal, query }) => {
  const { limit = defaultLimit, cursor } = query;
  const events = await services.database.stores.auditEvents.listAuditEvents(
    principal.organizationId,
    auditEventFilter(query),
    // One more than asked for tells whether there is a next page.
    { limit: limit + 1, ...(cursor === undefined ? {} : { before: cursor }) },
  );
  const shown = events.slice(0, limit);
  return {
    events: shown.map(auditEventAnswer),
    nextCursor: events.length > limit ? (shown.at(-1)?.sequence ?? null) : null,
  };
};
