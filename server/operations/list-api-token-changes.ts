import type { AuditAction, ChainedAuditEvent } from "../domain/audit-event.ts";
import type { OrganizationId } from "../domain/ids.ts";
import type { TokenPrincipal } from "../domain/principal.ts";
import type { Operation, Schema, Services } from "./operation.ts";

/** How many events one answer looks through. */
const maxEvents = 500;
/** What leaves the worth of every token as it is. */
const harmless: ReadonlySet<string> = new Set<AuditAction>(["api_token.created", "api_token.used_when_dead"]);

/** Names the tokens whose worth may have changed since a position, and waits while there are none. */
export const listApiTokenChanges: Operation<"listApiTokenChanges", TokenPrincipal> = async (
  services,
  { principal: { organizationId }, query: { after, waitSeconds = 0 } },
) => {
  if (after === undefined) return nothingSince(await newestPosition(services, organizationId));
  await services.changes.wait(organizationId, after, waitSeconds * 1000);
  return changesSince(services, organizationId, after);
};

async function changesSince(
  services: Services,
  organizationId: OrganizationId,
  after: number,
): Promise<Schema<"ApiTokenChanges">> {
  const events = await services.database.stores.auditEvents.listAuditEventsForward(
    organizationId,
    {},
    { limit: maxEvents + 1, after },
  );
  const last = events.at(-1);
  if (last !== undefined && events.length <= maxEvents) {
    return { position: last.sequence, apiTokenIds: changedApiTokens(events), isComplete: true };
  }
  const position = await newestPosition(services, organizationId);
  // A position beyond the newest one is of another history. Between two looks the newest may have grown: then it is asked again.
  if (last === undefined && position >= after) return nothingSince(after);
  return { position, apiTokenIds: [], isComplete: false };
}

function changedApiTokens(events: readonly ChainedAuditEvent[]): string[] {
  const changes = events.filter(
    ({ outcome, action, target }) => outcome === "done" && target?.type === "api_token" && !harmless.has(action),
  );
  return [...new Set(changes.flatMap(({ target }) => (target === null ? [] : [target.id])))];
}

async function newestPosition({ database }: Services, organizationId: OrganizationId): Promise<number> {
  const newest = await database.stores.auditEvents.findNewestSequences([organizationId]);
  return newest.get(organizationId) ?? 0;
}

function nothingSince(position: number): Schema<"ApiTokenChanges"> {
  return { position, apiTokenIds: [], isComplete: true };
}
