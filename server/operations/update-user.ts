import { changedFields } from "../domain/audit-event.ts";
import { parseId, type UserId } from "../domain/ids.ts";
import { requireAdminMaker } from "../domain/organization-policy.ts";
import { type AdminPrincipal, by } from "../domain/principal.ts";
import { recordChange } from "../domain/record-change.ts";
import { userFields, userTarget } from "../domain/user.ts";
import { getExistingUser, requireAnotherAdmin } from "./existing-user.ts";
import type { Operation } from "./operation.ts";
import { userAnswer } from "./user-answer.ts";

/** Changes a user's role. */
export const updateUser: Operation<"updateUser", AdminPrincipal> = async (services, call) => {
  const { principal, path, body } = call;
  const id = parseId<UserId>(path.id);
  const { organizationId } = principal;
  return services.database.transact(async (stores) => {
    const before = await getExistingUser(stores, organizationId, id);
    if (before.role === body.role) return userAnswer(before);
    requireAdminMaker(await stores.organizations.getPolicy(organizationId), principal, body.role);
    await requireAnotherAdmin(stores, before);
    await stores.users.updateUser(organizationId, id, { role: body.role });
    const user = { ...before, role: body.role };
    await recordChange(stores, services, {
      ...by(call),
      action: "user.updated",
      target: userTarget(user),
      ...changedFields(userFields(before), userFields(user)),
    });
    return userAnswer(user);
  });
};
