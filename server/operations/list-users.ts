import type { UserId } from "../domain/ids.ts";
import type { AdminPrincipal } from "../domain/principal.ts";
import type { Operation } from "./operation.ts";
import { cutPage, readPosition } from "./page.ts";
import { userAnswer } from "./user-answer.ts";

/** Lists the organization's users, newest first. */
export const listUsers: Operation<"listUsers", AdminPrincipal> = async (services, { principal, query }) => {
  const position = readPosition<UserId>(query);
  const { users, total } = await services.database.stores.users.listUsers(principal.organizationId, position);
  const { shown, ...next } = cutPage(users, total, position);
  return { users: shown.map(userAnswer), total, ...next };
};
