import type { UserId } from "../domain/ids.ts";
import { mailSignInLink } from "../domain/mail-sign-in-link.ts";
import { requireAdminMaker } from "../domain/organization-policy.ts";
import { type AdminPrincipal, by } from "../domain/principal.ts";
import { ProblemError } from "../domain/problem.ts";
import { recordChange } from "../domain/record-change.ts";
import type { Stores } from "../domain/stores.ts";
import { normalizeEmail, statusOf, type User, userFields, userTarget } from "../domain/user.ts";
import type { Call, Operation, Services } from "./operation.ts";
import { userAnswer } from "./user-answer.ts";

type InviteCall = Call<"inviteUser", AdminPrincipal>;

/** Invites a user, or mails a fresh invitation to one who has never signed in. */
export const inviteUser: Operation<"inviteUser", AdminPrincipal> = async (services, call) => {
  const now = services.clock.now();
  const secret = services.issueSecret();
  return services.database.transact(async (stores) => {
    requireAdminMaker(
      await stores.organizations.getPolicy(call.principal.organizationId),
      call.principal,
      call.body.role,
    );
    const user = (await findInvited(stores, call)) ?? (await insertInvited(stores, services, call));
    await stores.signInLinks.endSignInLinksOf(user.organizationId, user.id, now);
    await mailSignInLink(stores, services, { user, purpose: "invitation", secret, returnTo: null, now });
    await recordChange(stores, services, {
      ...by(call),
      action: "user.invited",
      target: userTarget(user),
      after: userFields(user),
    });
    return userAnswer(user);
  });
};

/**
 * The user whose invitation this request repeats.
 * @throws ProblemError `user_exists` unless that one has never signed in and was invited for the same role.
 */
async function findInvited(stores: Stores, { principal, body }: InviteCall): Promise<User | undefined> {
  const user = await stores.users.findUserByEmail(principal.organizationId, normalizeEmail(body.email));
  if (user === undefined || (statusOf(user) === "invited" && user.role === body.role)) return user;
  throw new ProblemError("user_exists", "Change the role of the user instead. Nothing was changed.");
}

async function insertInvited(stores: Stores, services: Services, { principal, body }: InviteCall): Promise<User> {
  const user: User = {
    id: services.newId<UserId>(),
    organizationId: principal.organizationId,
    email: normalizeEmail(body.email),
    role: body.role,
    createdAt: services.clock.now(),
    invitedBy: principal.email,
    lastSignedInAt: null,
    identity: null,
  };
  await stores.users.insertUser(user);
  return user;
}
