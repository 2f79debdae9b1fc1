import type { ReactNode } from "react";
import { ProblemNotice } from "../parts/problem-notice.tsx";
import { BarePage } from "./bare-page.tsx";

type FailedPageProps = { readonly error: unknown; readonly onRetry: () => void };

/** What is shown when the server could not say who is signed in. */
export function FailedPage({ error, onRetry }: FailedPageProps): ReactNode {
  return (
    <BarePage title="API tokens cannot be shown">
      <ProblemNotice error={error} onRetry={onRetry} />
    </BarePage>
  );
}
