import { beginSession } from "../domain/begin-session.ts";
import { attemptInvalid, attemptOf, type ProvenIdentity, signInRefused } from "../domain/identity-provider.ts";
import type { ProblemError } from "../domain/problem.ts";
import { recordChange } from "../domain/record-change.ts";
import { digestSecret } from "../domain/secret-text.ts";
import type { Session } from "../domain/session.ts";
import { returnPath } from "../domain/sign-in.ts";
import type { Stores } from "../domain/stores.ts";
import { normalizeEmail, type User, userTarget } from "../domain/user.ts";
import type { Call, Operation, Services } from "./operation.ts";
import { requireProvider } from "./start-oidc-sign-in.ts";

type FinishCall = Call<"finishOidcSignIn", undefined>;

/** Signs in whoever comes back from the OpenID provider, if an organization has invited them. */
export const finishOidcSignIn: Operation<"finishOidcSignIn", undefined> = async (services, call) => {
  const provider = requireProvider(services);
  const { browser } = call;
  const attempt = browser.signInAttempt;
  if (attempt === undefined) throw attemptInvalid();
  // Used up whatever comes of it: an answer counts once.
  browser.forgetSignInAttempt();
  const identity = await provider.finish(answerOf(call), attemptOf(attempt.secret));
  const secret = services.issueSecret();
  const outcome = await services.database.transact(async (stores) => {
    const found = await findUser(stores, identity);
    if (found.refusal !== undefined) {
      await recordRefusal(stores, services, call, found);
      return found;
    }
    const session = await signIn(stores, services, call, { user: found.user, identity, secret });
    return { session, refusal: undefined };
  });
  if (outcome.refusal !== undefined) throw outcome.refusal;
  browser.keepSession(secret.text, outcome.session.expiresAt);
  return { headers: { Location: returnPath(attempt.returnTo) }, body: undefined };
};

/** The part of the query that counts; what else providers add is none of our business (RFC 6749 section 4.1.2). */
function answerOf({ query }: FinishCall): URLSearchParams {
  const { code, state, iss, error, error_description: description } = query;
  const given = Object.entries({ code, state, iss, error, error_description: description });
  return new URLSearchParams(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

type Found =
  | { readonly user: User; readonly refusal: undefined }
  | { readonly user: User | undefined; readonly refusal: ProblemError; readonly reason: string };

/**
 * Who signs in: whoever is bound to the person at the provider; otherwise whoever has the address, if the provider has
 * verified it, and is not bound to somebody else there. Nobody is created.
 */
async function findUser(stores: Stores, { issuer, subject, verifiedEmail }: ProvenIdentity): Promise<Found> {
  const [bound] = await stores.users.findUsersByIdentity({ issuer, subject });
  if (bound !== undefined) return { user: bound, refusal: undefined };
  if (verifiedEmail === undefined) {
    const refusal = signInRefused("The identity provider has not verified your e-mail address. Verify it there first.");
    return { user: undefined, refusal, reason: "email_not_verified" };
  }
  const users = await stores.users.findUsersByEmail(normalizeEmail(verifiedEmail));
  const user = users.find(({ identity }) => identity === null);
  if (user !== undefined) return { user, refusal: undefined };
  const refusal = signInRefused("No organization here has invited your e-mail address. Ask an admin of yours to.");
  return { user: users[0], refusal, reason: "bound_to_another_identity" };
}

async function recordRefusal(
  stores: Stores,
  services: Services,
  { origin }: FinishCall,
  { user, reason }: Found & { readonly reason: string },
): Promise<void> {
  if (user === undefined) return;
  await recordChange(stores, services, {
    organizationId: user.organizationId,
    actor: { type: "anonymous", id: null, label: "anonymous" },
    origin,
    action: "sign_in.refused",
    outcome: "refused",
    target: userTarget(user),
    after: { reason, way: "oidc" },
  });
}

type SignIn = {
  readonly user: User;
  readonly identity: ProvenIdentity;
  readonly secret: ReturnType<Services["issueSecret"]>;
};

async function signIn(
  stores: Stores,
  services: Services,
  { browser, origin }: FinishCall,
  { user, identity: { issuer, subject, sid }, secret }: SignIn,
): Promise<Session> {
  if (user.identity === null) {
    await stores.users.updateUser(user.organizationId, user.id, { identity: { issuer, subject } });
  }
  return beginSession(stores, services, {
    user,
    way: "oidc",
    origin,
    limits: services.signIn.sessions,
    secret,
    previousSha256: browser.sessionSecret === undefined ? undefined : digestSecret(browser.sessionSecret),
    providerSession: sid === undefined ? null : { issuer, sid },
  });
}
