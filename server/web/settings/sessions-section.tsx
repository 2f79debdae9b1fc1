import type { SessionSummary } from "@orgtokens/sdk";
import type { ReactNode } from "react";
import { useAnnounce } from "../parts/announcement.tsx";
import { Badge } from "../parts/badge.tsx";
import { Button } from "../parts/button.tsx";
import { ProblemNotice } from "../parts/problem-notice.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { useClient } from "../session.tsx";
import { useAction } from "../use-action.ts";
import { useLoaded } from "../use-loaded.ts";

/** Where the reader is signed in, and a way to end each. */
export function SessionsSection(): ReactNode {
  const client = useClient();
  const sessions = useLoaded("sessions", (signal) => client.listSessions({ signal }));
  return (
    <section className="card" aria-labelledby="sessions">
      <h2 id="sessions">Your sessions</h2>
      <p className="hint">Where you are signed in. End what you do not recognize.</p>
      {sessions.state === "failed" ? <ProblemNotice error={sessions.error} onRetry={sessions.reload} /> : null}
      {sessions.value === undefined && sessions.state === "loading" ? (
        <span className="skeleton skeleton-event" />
      ) : null}
      <ul className="session-list">
        {sessions.value?.sessions.map((session) => (
          <SessionItem key={session.id} session={session} onEnded={sessions.reload} />
        ))}
      </ul>
    </section>
  );
}

function SessionItem({
  session,
  onEnded,
}: {
  readonly session: SessionSummary;
  readonly onEnded: () => void;
}): ReactNode {
  const client = useClient();
  const announce = useAnnounce();
  const action = useAction();
  const name = nameBrowser(session.userAgent);
  const end = () =>
    action.run(async () => {
      await client.revokeSession(session.id);
      announce(`The session of ${name} has ended.`);
      onEnded();
    });
  return (
    <li className="session">
      <div>
        <p className="session-name" title={session.userAgent ?? undefined}>
          {name} {session.current ? <Badge tone="positive">This one</Badge> : null}
        </p>
        <p className="muted">
          Signed in <RelativeTime at={session.created} />
          {session.ip === null ? null : (
            <>
              {" from "}
              <code>{session.ip}</code>
            </>
          )}
          , last seen <RelativeTime at={session.lastSeen} />
        </p>
        {action.state === "failed" ? <ProblemNotice error={action.error} /> : null}
      </div>
      {session.current ? null : (
        <Button isBusy={action.state === "busy"} onClick={end} aria-label={`End the session of ${name}`}>
          End session
        </Button>
      )}
    </li>
  );
}

/** The browser and the system that a `User-Agent` speaks of, as far as it says so. */
function nameBrowser(userAgent: string | null): string {
  if (userAgent === null) return "Unknown browser";
  const browsers = [
    ["Edge", /\bEdg\//],
    ["Firefox", /\bFirefox\//],
    ["Chrome", /\b(Headless)?Chrome\//],
    ["Safari", /\bSafari\//],
  ] as const;
  const systems = [
    ["Windows", /Windows/],
    ["Android", /Android/],
    ["iOS", /iPhone|iPad/],
    ["macOS", /Mac OS X/],
    ["Linux", /Linux/],
  ] as const;
  const find = (list: readonly (readonly [string, RegExp])[]) =>
    list.find(([, pattern]) => pattern.test(userAgent))?.[0];
  const browser = find(browsers) ?? userAgent.split(/[/ ]/)[0] ?? "Unknown browser";
  const system = find(systems);
  return system === undefined ? browser : `${browser} on ${system}`;
}
