import type { Organization } from "@orgtokens/sdk";
import type { ReactNode } from "react";
import { PageHeader } from "../parts/page-header.tsx";
import { ProblemNotice } from "../parts/problem-notice.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { useClient, useSession } from "../session.tsx";
import { useLoaded } from "../use-loaded.ts";
import { PolicySection } from "./policy-section.tsx";
import { SessionsSection } from "./sessions-section.tsx";

/** The organization, its rules for tokens, and the reader's own sessions. */
export function SettingsPage(): ReactNode {
  const client = useClient();
  const { state } = useSession();
  const organization = useLoaded("organization", (signal) => client.getOrganization({ signal }));
  const isAdmin = state.kind === "signed-in" && state.session.user.role === "admin";
  return (
    <>
      <PageHeader title="Settings">Your organization, its rules for tokens, and where you are signed in.</PageHeader>
      <section className="card" aria-labelledby="organization">
        <h2 id="organization">Organization</h2>
        {organization.state === "failed" ? (
          <ProblemNotice error={organization.error} onRetry={organization.reload} />
        ) : (
          <OrganizationFacts organization={organization.value} />
        )}
      </section>
      {isAdmin ? <PolicySection /> : null}
      <SessionsSection />
    </>
  );
}

function OrganizationFacts({ organization }: { readonly organization: Organization | undefined }): ReactNode {
  if (organization === undefined) return <span className="skeleton skeleton-event" />;
  return (
    <dl className="facts">
      <div className="fact">
        <dt>Name</dt>
        <dd>{organization.name}</dd>
      </div>
      <div className="fact">
        <dt>Id</dt>
        <dd>
          <code>{organization.id}</code>
        </dd>
      </div>
      <div className="fact">
        <dt>Created</dt>
        <dd>
          <RelativeTime at={organization.created} />
        </dd>
      </div>
    </dl>
  );
}
