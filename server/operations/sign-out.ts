import type { UserPrincipal } from "../domain/principal.ts";
import { endSession } from "./end-session.ts";
import type { Operation } from "./operation.ts";

/** Ends the caller's session. */
export const signOut: Operation<"signOut", UserPrincipal> = async (services, call) => {
  await endSession(services, call, call.principal.session.id);
  call.browser.forgetSession();
  return undefined;
};
