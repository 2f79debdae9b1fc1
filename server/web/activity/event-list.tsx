import type { AuditEvent } from "@orgtokens/sdk";
import type { ReactNode } from "react";
import { Badge } from "../parts/badge.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { Link } from "../parts/link.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { describeAction, listChanges } from "./describe-event.ts";

type EventListProps = {
  /** Undefined while they are asked for. */
  readonly events: readonly AuditEvent[] | undefined;
  /** Says "this token" where every event is about the same one. */
  readonly isOfOneToken?: boolean;
};

/** What happened, newest first: who did what, when, from where, and what changed by it. */
export function EventList({ events, isOfOneToken = false }: EventListProps): ReactNode {
  if (events === undefined) {
    return (
      <div className="event-list" aria-busy="true">
        {[1, 2, 3].map((row) => (
          <span key={row} className="skeleton skeleton-event" />
        ))}
      </div>
    );
  }
  return (
    <ol className="event-list">
      {events.map((event) => (
        <EventItem key={event.id} event={event} isOfOneToken={isOfOneToken} />
      ))}
    </ol>
  );
}

function EventItem({ event, isOfOneToken }: { readonly event: AuditEvent; readonly isOfOneToken: boolean }): ReactNode {
  const changes = listChanges(event);
  return (
    <li className={`event event-${event.outcome}`}>
      <span className="event-icon">
        <Icon name={iconOf(event)} />
      </span>
      <div className="event-body">
        <p className="event-sentence">
          <Actor actor={event.actor} /> {describeAction(event)} <Target event={event} isOfOneToken={isOfOneToken} />{" "}
          {event.outcome === "refused" ? <Badge tone="negative">Refused</Badge> : null}
        </p>
        {changes.length === 0 ? null : (
          <ul className="event-changes">
            {changes.map(({ name, before, after }) => (
              <li key={name}>
                {name}: {before === undefined ? null : <del>{before}</del>} <ins>{after}</ins>
              </li>
            ))}
          </ul>
        )}
        <p className="event-origin" title={event.userAgent ?? undefined}>
          <RelativeTime at={event.at} />
          {event.ip === null ? null : (
            <>
              {" · "}
              <code>{event.ip}</code>
            </>
          )}
          {event.requestId === null || event.outcome === "done" ? null : (
            <>
              {" · "}
              <span className="event-request">
                request <code>{event.requestId}</code>
              </span>
            </>
          )}
        </p>
      </div>
    </li>
  );
}

function Actor({ actor }: { readonly actor: AuditEvent["actor"] }): ReactNode {
  if (actor.type === "system") return <strong>The server</strong>;
  if (actor.type === "anonymous") return <strong>Somebody</strong>;
  if (actor.type === "user" || actor.id === null) return <strong>{actor.label}</strong>;
  return (
    <strong>
      <Link href={`/organization/api-tokens/${actor.id}`}>{actor.label}</Link>
    </strong>
  );
}

type TargetProps = { readonly event: AuditEvent; readonly isOfOneToken: boolean };

function Target({ event, isOfOneToken }: TargetProps): ReactNode {
  const { target, actor } = event;
  // Who signs in does it to nobody else.
  if (target === null || target.id === actor.id) return null;
  if (isOfOneToken) return "this token";
  if (target.type !== "api_token") return <strong>{target.label}</strong>;
  return (
    <strong>
      <Link href={`/organization/api-tokens/${target.id}`}>{target.label}</Link>
    </strong>
  );
}

function iconOf({ action, outcome }: AuditEvent): IconName {
  if (outcome === "refused") return "alert";
  if (action.endsWith(".revoked") || action.endsWith(".removed")) return "bin";
  if (action.includes("rotat")) return "rotate";
  if (action.startsWith("user.") || action.startsWith("session.")) return "users";
  if (action.startsWith("organization.")) return "settings";
  return "key";
}
