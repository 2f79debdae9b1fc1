import { beginSession, type SignInWay } from "../domain/begin-session.ts";
import { ProblemError } from "../domain/problem.ts";
import { recordChange } from "../domain/record-change.ts";
import { digestSecret } from "../domain/secret-text.ts";
import { defaultReturnTo, type SignInLink, type SignInLinkPurpose } from "../domain/sign-in.ts";
import type { Stores } from "../domain/stores.ts";
import { type User, userTarget } from "../domain/user.ts";
import type { Call, Operation, Services } from "./operation.ts";
import { newSessionAnswer } from "./session-answer.ts";

type CreateSessionCall = Call<"createSession", undefined>;

/** Signs in by a one-time link. */
export const createSession: Operation<"createSession", undefined> = async (services, call) => {
  const { browser, body } = call;
  const limits = services.signIn.sessions;
  const secret = services.issueSecret();
  const sha256 = digestSecret(body.linkToken);
  // Before anything waits for others who write: what is no link at all costs one look.
  if ((await services.database.stores.signInLinks.findSignInLink(sha256)) === undefined) throw linkInvalid();
  const began = await services.database.transact(async (stores) => {
    const link = await stores.signInLinks.findSignInLink(sha256);
    const user = link === undefined ? undefined : await stores.users.findUser(link.organizationId, link.userId);
    if (link === undefined || user === undefined) return undefined;
    if (!(await takeLink(stores, services, link))) {
      await recordRefusal(stores, services, call, { link, user });
      return undefined;
    }
    const session = await beginSession(stores, services, {
      user,
      way: ways[link.purpose],
      origin: call.origin,
      limits,
      secret,
      previousSha256: previousOf(call),
      providerSession: null,
    });
    const organization = await stores.organizations.getOrganization(link.organizationId);
    return { session, user, organization, returnTo: link.returnTo ?? defaultReturnTo };
  });
  if (began === undefined) throw linkInvalid();
  browser.keepSession(secret.text, began.session.expiresAt);
  return newSessionAnswer({ ...began, secret: secret.text, limits });
};

const ways: Readonly<Record<SignInLinkPurpose, SignInWay>> = {
  sign_in: "sign_in_link",
  invitation: "invitation",
  first_sign_in: "first_sign_in_link",
};

/** Uses a link up. Of two requests with the same link, one gets true. */
async function takeLink(stores: Stores, { clock }: Services, link: SignInLink): Promise<boolean> {
  const now = clock.now();
  if (link.expiresAt <= now) return false;
  return stores.signInLinks.endSignInLink(link.organizationId, link.sha256, now);
}

/** Not without end: whoever has an old link could fill the trail with it. */
async function recordRefusal(
  stores: Stores,
  services: Services,
  { origin }: CreateSessionCall,
  { link, user }: { readonly link: SignInLink; readonly user: User },
): Promise<void> {
  if (services.linkRefusals.take(link.sha256).isExceeded) return;
  await recordChange(stores, services, {
    organizationId: link.organizationId,
    actor: { type: "anonymous", id: null, label: "anonymous" },
    origin,
    action: "sign_in.refused",
    outcome: "refused",
    target: userTarget(user),
    after: { reason: link.endedAt === null ? "link_expired" : "link_ended", way: ways[link.purpose] },
  });
}

function previousOf({ browser }: CreateSessionCall): string | undefined {
  return browser.sessionSecret === undefined ? undefined : digestSecret(browser.sessionSecret);
}

function linkInvalid(): ProblemError {
  return new ProblemError("sign_in_link_invalid", "Ask for a new link. Each one works once and for a limited time.");
}
