import type { RequestOrigin } from "../domain/audit-event.ts";
import type { SessionId } from "../domain/ids.ts";
import { by, type UserPrincipal } from "../domain/principal.ts";
import { recordChange } from "../domain/record-change.ts";
import type { Services } from "./operation.ts";

/** Ends one of the caller's own sessions. Answers whether there was one. */
export async function endSession(
  services: Services,
  call: { readonly principal: UserPrincipal; readonly origin: RequestOrigin },
  id: SessionId,
): Promise<boolean> {
  const { organizationId, userId, email } = call.principal;
  return services.database.transact(async (stores) => {
    if (!(await stores.sessions.deleteSession(organizationId, userId, id))) return false;
    await recordChange(stores, services, {
      ...by(call),
      action: "session.revoked",
      target: { type: "user", id: userId, label: email },
      before: { session: id },
    });
    return true;
  });
}
