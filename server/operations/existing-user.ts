import type { OrganizationId, UserId } from "../domain/ids.ts";
import { ProblemError } from "../domain/problem.ts";
import type { Stores } from "../domain/stores.ts";
import { type User, userNotFound } from "../domain/user.ts";

/** A user of the organization.
 * @throws ProblemError `user_not_found`. */
export async function getExistingUser(stores: Stores, organizationId: OrganizationId, id: UserId): Promise<User> {
  const user = await stores.users.findUser(organizationId, id);
  if (user === undefined) throw userNotFound();
  return user;
}

/**
 * Makes sure that an admin remains when this one ceases to be one. Transactions have the effect they would have one after
 * the other, so two who let each other go at once cannot both succeed.
 * @throws ProblemError `last_admin`.
 */
export async function requireAnotherAdmin(stores: Stores, user: User): Promise<void> {
  if (user.role !== "admin" || (await stores.users.countAdmins(user.organizationId)) > 1) return;
  throw new ProblemError("last_admin", "Make somebody else an admin first. Nothing was changed.");
}
