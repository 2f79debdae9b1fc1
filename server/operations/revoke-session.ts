import { parseId, type SessionId } from "../domain/ids.ts";
import type { UserPrincipal } from "../domain/principal.ts";
import { ProblemError } from "../domain/problem.ts";
import { endSession } from "./end-session.ts";
import type { Operation } from "./operation.ts";

/** Ends one of the caller's own sessions: once this has answered, no replica accepts it. */
export const revokeSession: Operation<"revokeSession", UserPrincipal> = async (services, call) => {
  const id = parseId<SessionId>(call.path.id);
  if (!(await endSession(services, call, id))) {
    throw new ProblemError("session_not_found", "Check the id. An ended session is not found either.");
  }
  if (id === call.principal.session.id) call.browser.forgetSession();
  return undefined;
};
