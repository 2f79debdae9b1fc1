import { parseId, type UserId } from "../domain/ids.ts";
import type { AdminPrincipal } from "../domain/principal.ts";
import { getExistingUser } from "./existing-user.ts";
import type { Operation } from "./operation.ts";
import { userAnswer } from "./user-answer.ts";

/** Gets one user. */
export const getUser: Operation<"getUser", AdminPrincipal> = async (services, { principal, path }) =>
  userAnswer(await getExistingUser(services.database.stores, principal.organizationId, parseId<UserId>(path.id)));
