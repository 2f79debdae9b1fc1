import type { Actor, AuditAction, AuditEvent, AuditFields, AuditTarget, RequestOrigin } from "./audit-event.ts";
import type { Clock } from "./clock.ts";
import type { AuditEventId, IdGenerator, OrganizationId } from "./ids.ts";
import { type Notice, notifyAdmins } from "./notify-admins.ts";
import type { Stores } from "./stores.ts";

/** A change that was just made, inside the transaction that made it. */
export type Change = {
  readonly organizationId: OrganizationId;
  readonly actor: Actor;
  readonly origin: RequestOrigin;
  readonly action: AuditAction;
  /** `refused` for an attempt that changed nothing; `done` when absent. */
  readonly outcome?: AuditEvent["outcome"];
  readonly target: AuditTarget;
  readonly before?: AuditFields;
  readonly after?: AuditFields;
  /** What every admin is told about it by mail. */
  readonly notice?: Notice;
};

/** What recording needs. */
export type ChangeServices = { readonly clock: Clock; readonly newId: IdGenerator };

/**
 * Records a change where admins see it: as an audit event, and by mail when it has a notice, in the transaction of the
 * change. The last statement of a transaction, because the events of an organization wait for each other from here to
 * the commit.
 */
export async function recordChange(stores: Stores, services: ChangeServices, change: Change): Promise<void> {
  const { organizationId, actor, origin, action, outcome = "done", target, before = null, after = null } = change;
  const event: AuditEvent = {
    id: services.newId<AuditEventId>(),
    organizationId,
    at: services.clock.now(),
    action,
    outcome,
    actor,
    target,
    origin,
    before,
    after,
  };
  if (change.notice !== undefined) await notifyAdmins(stores, services, organizationId, change.notice, actor);
  await stores.auditEvents.appendAuditEvent(event);
}
