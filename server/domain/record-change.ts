import type { Actor, AuditAction, AuditEvent, AuditFields, AuditTarget, RequestOrigin } from "./audit-event.ts";
import type { Clock } from "./clock.ts";
import type { AuditEventId, IdGenerator, OrganizationId } from "./ids.ts";
import type { Stores } from "./stores.ts";

/** A change that was just made, inside the transaction that made it. */
export type Change = {
  readonly organizationId: OrganizationId;
  readonly actor: Actor;
  readonly origin: RequestOrigin;
  readonly action: AuditAction;
  readonly target: AuditTarget;
  readonly before?: AuditFields;
  readonly after?: AuditFields;
};

/** What recording needs. */
export type ChangeServices = { readonly clock: Clock; readonly newId: IdGenerator };

/**
 * Records a change where admins see it: as an audit event, in the transaction of the change. The last statement of a
 * transaction, because the events of an organization wait for each other from here to the commit.
 */
export async function recordChange(stores: Stores, { clock, newId }: ChangeServices, change: Change): Promise<void> {
  const { organizationId, actor, origin, action, target, before = null, after = null } = change;
  const event: AuditEvent = {
    id: newId<AuditEventId>(),
    organizationId,
    at: clock.now(),
    action,
    outcome: "done",
    actor,
    target,
    origin,
    before,
    after,
  };
  await stores.auditEvents.appendAuditEvent(event);
}
