import type { ListAuditEventsQuery } from "@orgtokens/sdk";
import type { ReactNode } from "react";
import { Button } from "../parts/button.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { Pager, useWalk } from "../parts/pager.tsx";
import { ProblemNotice } from "../parts/problem-notice.tsx";
import { navigate, type Place, withQuery } from "../router.ts";
import { useClient } from "../session.tsx";
import { useLoaded } from "../use-loaded.ts";
import { type ActivityFilter, ActivityToolbar } from "./activity-toolbar.tsx";
import { EventList } from "./event-list.tsx";
import { ExportLink } from "./export-link.tsx";

const pageSize = 25;

/** Everything that happened in the organization, newest first. */
export function ActivityPage({ place }: { readonly place: Place }): ReactNode {
  const client = useClient();
  const filter = parseFilter(place.query);
  const query = toQuery(filter);
  const key = JSON.stringify(query);
  const walk = useWalk(key);
  const events = useLoaded(`${key} ${walk.cursor}`, (signal) =>
    client.listAuditEvents(
      { ...query, limit: pageSize, ...(walk.cursor === undefined ? {} : { cursor: Number(walk.cursor) }) },
      { signal },
    ),
  );
  const { nextCursor } = events.value ?? {};
  const clear = <Button onClick={() => navigate(place.path, "replace")}>Clear filters</Button>;
  return (
    <>
      <PageHeader title="Activity" actions={<ExportLink query={query} />}>
        Every change and every refused attempt. Events are chained by hashes, so that tampering shows.
      </PageHeader>
      <ActivityToolbar filter={filter} onChange={(changes) => navigate(withQuery(place, changes), "replace")} />
      {events.state === "failed" ? (
        <ProblemNotice error={events.error} onRetry={events.reload} />
      ) : events.value?.events.length === 0 ? (
        <EmptyState icon="activity" title="Nothing matches" action={clear}>
          Nothing of this kind happened in this time.
        </EmptyState>
      ) : (
        <>
          <EventList events={events.value?.events} />
          <Pager
            walk={walk}
            nextCursor={nextCursor === undefined || nextCursor === null ? nextCursor : String(nextCursor)}
            summary={events.value === undefined ? "" : `Page ${walk.pagesBefore + 1}`}
          />
        </>
      )}
    </>
  );
}

function parseFilter(query: URLSearchParams): ActivityFilter {
  const read = (name: string, pattern: RegExp) => pattern.exec(query.get(name) ?? "")?.[0] ?? "";
  return {
    action: read("action", /^[a-z_]+\.[a-z_]+$/),
    from: read("from", /^\d{4}-\d\d-\d\d$/),
    to: read("to", /^\d{4}-\d\d-\d\d$/),
  };
}

/** Days count as they do where the reader is; the last one is included. */
function toQuery({ action, from, to }: ActivityFilter): ListAuditEventsQuery {
  const start = from === "" ? undefined : new Date(`${from}T00:00:00`);
  const end = to === "" ? undefined : new Date(`${to}T00:00:00`);
  end?.setDate(end.getDate() + 1);
  return {
    ...(action === "" ? {} : { action }),
    ...(start === undefined || Number.isNaN(start.getTime()) ? {} : { from: start.toISOString() }),
    ...(end === undefined || Number.isNaN(end.getTime()) ? {} : { to: end.toISOString() }),
  };
}
