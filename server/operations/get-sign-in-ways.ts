import type { Operation } from "./operation.ts";

/** Tells how people can sign in here. */
export const getSignInWays: Operation<"getSignInWays", undefined> = async ({ identityProvider }) => ({
  emailLink: true,
  oidc: identityProvider === undefined ? null : { name: identityProvider.name },
});
