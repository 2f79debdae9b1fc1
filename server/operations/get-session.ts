import type { UserPrincipal } from "../domain/principal.ts";
import type { Operation } from "./operation.ts";
import { sessionAnswer } from "./session-answer.ts";

/** Gets the caller's session. */
export const getSession: Operation<"getSession", UserPrincipal> = async (services, { principal }) => {
  const { userId: id, email, role, session, csrfToken, organizationId } = principal;
  const organization = await services.database.stores.organizations.getOrganization(organizationId);
  const limits = services.signIn.sessions;
  return sessionAnswer({ session, user: { id, email, role }, organization, csrfToken, limits });
};
