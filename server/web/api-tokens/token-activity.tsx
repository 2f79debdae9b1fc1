import type { ReactNode } from "react";
import { EventList } from "../activity/event-list.tsx";
import { Pager, useWalk } from "../parts/pager.tsx";
import { ProblemNotice } from "../parts/problem-notice.tsx";
import { useClient } from "../session.tsx";
import { useLoaded } from "../use-loaded.ts";

type TokenActivityProps = {
  readonly id: string;
  /** How often the token was changed while it is shown: each time it is asked anew. */
  readonly changes: number;
};

/** What happened to one token. */
export function TokenActivity({ id, changes }: TokenActivityProps): ReactNode {
  const client = useClient();
  const walk = useWalk(id);
  const events = useLoaded(`${id} ${changes} ${walk.cursor}`, (signal) =>
    client.listAuditEvents(
      { targetId: id, limit: 10, ...(walk.cursor === undefined ? {} : { cursor: Number(walk.cursor) }) },
      { signal },
    ),
  );
  const nextCursor = events.value?.nextCursor ?? null;
  return (
    <section className="card" aria-labelledby="token-activity">
      <h2 id="token-activity">Activity</h2>
      {events.state === "failed" ? (
        <ProblemNotice error={events.error} onRetry={events.reload} />
      ) : (
        <EventList events={events.value?.events} isOfOneToken />
      )}
      {walk.pagesBefore === 0 && nextCursor === null ? null : (
        <Pager
          walk={walk}
          nextCursor={nextCursor === null ? null : String(nextCursor)}
          summary={`Page ${walk.pagesBefore + 1}`}
        />
      )}
    </section>
  );
}
