import { parseId, type UserId } from "../domain/ids.ts";
import { type AdminPrincipal, by } from "../domain/principal.ts";
import { recordChange } from "../domain/record-change.ts";
import { userFields, userTarget } from "../domain/user.ts";
import { getExistingUser, requireAnotherAdmin } from "./existing-user.ts";
import type { Operation } from "./operation.ts";

/** Removes a user: sessions and links end at once, the tokens that the user generated stay as they are. */
export const removeUser: Operation<"removeUser", AdminPrincipal> = async (services, call) => {
  const id = parseId<UserId>(call.path.id);
  const { organizationId } = call.principal;
  await services.database.transact(async (stores) => {
    const user = await getExistingUser(stores, organizationId, id);
    await requireAnotherAdmin(stores, user);
    await stores.users.deleteUser(organizationId, id);
    await recordChange(stores, services, {
      ...by(call),
      action: "user.removed",
      target: userTarget(user),
      before: userFields(user),
    });
  });
  return undefined;
};
