import type { ApiTokenMailPage } from "@orgtokens/sdk";
import type { ReactNode } from "react";
import { Badge } from "../parts/badge.tsx";
import { ProblemNotice } from "../parts/problem-notice.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { useClient } from "../session.tsx";
import { useLoaded } from "../use-loaded.ts";

type Mail = ApiTokenMailPage["mail"][number];

const kinds: Readonly<Record<Mail["kind"], string>> = {
  api_token_generated: "Token generated",
  api_token_rotated: "Token rotated",
  api_token_revoked: "Token revoked",
  api_token_expires_soon: "Token expires soon",
  dead_api_token_used: "Revoked or expired token used",
  leak_reported: "Leak reported",
  sign_in_link: "Sign-in link",
  invitation: "Invitation",
};

const statuses = {
  queued: { tone: "caution", name: "Queued" },
  sent: { tone: "positive", name: "Sent" },
  digested: { tone: "positive", name: "Sent in a digest" },
  failed: { tone: "negative", name: "Failed" },
} as const satisfies Record<Mail["status"], unknown>;

/** How many mails are shown. */
const shownMails = 20;

type TokenMailProps = {
  readonly id: string;
  /** How often the token was changed while it is shown: each time it is asked anew. */
  readonly changes: number;
};

/** Who was told about the token by e-mail, and what became of each mail. */
export function TokenMail({ id, changes }: TokenMailProps): ReactNode {
  const client = useClient();
  const loaded = useLoaded(`${id} ${changes}`, (signal) =>
    client.listApiTokenMail(id, { limit: shownMails }, { signal }),
  );
  return (
    <section className="card" aria-labelledby="token-mail">
      <h2 id="token-mail">E-mail</h2>
      {loaded.state === "failed" ? <ProblemNotice error={loaded.error} onRetry={loaded.reload} /> : null}
      {loaded.value === undefined && loaded.state === "loading" ? <span className="skeleton skeleton-event" /> : null}
      {loaded.value?.mail.length === 0 ? <p className="muted">No mail was sent about this token.</p> : null}
      <ul className="mail-list">
        {loaded.value?.mail.map((mail) => (
          <MailItem key={mail.id} mail={mail} />
        ))}
      </ul>
    </section>
  );
}

function MailItem({ mail }: { readonly mail: Mail }): ReactNode {
  const { tone, name } = statuses[mail.status];
  return (
    <li className="mail">
      <div>
        <p>
          {kinds[mail.kind]} <span className="muted">to</span> {mail.recipient}
        </p>
        {mail.lastError === null ? null : <p className="muted">{mail.lastError}</p>}
      </div>
      <p className="mail-outcome">
        <RelativeTime at={mail.finished ?? mail.created} /> <Badge tone={tone}>{name}</Badge>
      </p>
    </li>
  );
}
