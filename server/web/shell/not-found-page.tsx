import type { ReactNode } from "react";
import { EmptyState } from "../parts/empty-state.tsx";
import { Link } from "../parts/link.tsx";
import { PageHeader } from "../parts/page-header.tsx";

/** What is shown under an address that leads nowhere. */
export function NotFoundPage(): ReactNode {
  const back = (
    <Link className="button button-secondary" href="/organization/api-tokens">
      Go to API tokens
    </Link>
  );
  return (
    <>
      <PageHeader title="Page not found" />
      <EmptyState icon="search" title="There is nothing here" action={back}>
        The address may be mistyped, or what it led to is gone.
      </EmptyState>
    </>
  );
}
