import { attemptOf, type IdentityProvider } from "../domain/identity-provider.ts";
import { ProblemError } from "../domain/problem.ts";
import { defaultReturnTo } from "../domain/sign-in.ts";
import type { Operation, Services } from "./operation.ts";

/** Sends the browser to the OpenID provider. */
export const startOidcSignIn: Operation<"startOidcSignIn", undefined> = async (services, { query, browser }) => {
  const { text: secret } = services.issueSecret();
  const location = await requireProvider(services).begin(attemptOf(secret));
  browser.keepSignInAttempt({ secret, returnTo: query.returnTo ?? defaultReturnTo });
  return { headers: { Location: location }, body: undefined };
};

/** @throws ProblemError `identity_provider_missing` when none is configured. */
export function requireProvider({ identityProvider }: Services): IdentityProvider {
  if (identityProvider !== undefined) return identityProvider;
  throw new ProblemError("identity_provider_missing", "Sign in by an e-mailed link instead, at /sign-in.");
}
