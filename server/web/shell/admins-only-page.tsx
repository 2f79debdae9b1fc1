import type { ReactNode } from "react";
import { EmptyState } from "../parts/empty-state.tsx";
import { Link } from "../parts/link.tsx";
import { PageHeader } from "../parts/page-header.tsx";

/** What a signed-in developer sees where only admins may look. */
export function AdminsOnlyPage(): ReactNode {
  const settings = (
    <Link className="button button-secondary" href="/organization/settings">
      Go to your account
    </Link>
  );
  return (
    <>
      <PageHeader title="API tokens" />
      <EmptyState icon="key" title="Only admins see this" action={settings}>
        Your role is Developer. Ask an admin of your organization for a token, or to make you an admin.
      </EmptyState>
    </>
  );
}
