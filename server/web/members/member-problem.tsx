import { ApiError, type User } from "@orgtokens/sdk";
import type { ReactNode } from "react";
import { Notice } from "../parts/notice.tsx";
import { ProblemNotice } from "../parts/problem-notice.tsx";

type MemberProblemProps = { readonly error: unknown; readonly user: User };

/** Why a member could not be changed. The last admin gets an explanation, because nothing went wrong. */
export function MemberProblem({ error, user }: MemberProblemProps): ReactNode {
  if (!(error instanceof ApiError) || error.code !== "last_admin") return <ProblemNotice error={error} />;
  return (
    <div role="alert">
      <Notice tone="info">
        <p>
          <strong>{user.email} is the last admin.</strong> Without one, nobody could manage the organization's tokens
          any more. Make another member an admin first.
        </p>
      </Notice>
    </div>
  );
}
