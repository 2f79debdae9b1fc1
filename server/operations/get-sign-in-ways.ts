import type { Operation } from "./operation.ts";

/** Tells how people can sign in here. */
export const getSignInWays: Operation<"getSignInWays", undefined> = async () => ({ emailLink: true, oidc: null });
