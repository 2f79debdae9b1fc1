/** Protects routes of Hono, of version 4, on any of its platforms. */
import type { Context, MiddlewareHandler } from "hono";
import { type AccessRule, checkAccess } from "./check-access.ts";
import type { VerifiedApiToken, Verifier } from "./verifier.ts";

/** What handlers behind the middleware find: `context.get("apiToken")`, undefined only where `whenUnavailable` is `accept`. */
export type ApiTokenVariables = { readonly Variables: { apiToken: VerifiedApiToken | undefined } };

/** How routes are protected. */
export type HonoOptions = AccessRule & {
  /**
   * Where a request comes from, for tokens with allowed networks, which do not pass without. Platforms say it differently:
   * `getConnInfo` of `@hono/node-server/conninfo` on Node.
   */
  readonly ip?: (context: Context) => string | undefined;
};

/**
 * Middleware that lets requests with a live token pass and answers the others.
 *
 * @example app.use("/projects/*", requireApiToken(verifier))
 */
export function requireApiToken(verifier: Verifier, options: HonoOptions = {}): MiddlewareHandler<ApiTokenVariables> {
  return async (context, next) => {
    const request = {
      authorization: context.req.header("authorization"),
      apiKey: context.req.header("x-api-key"),
      ip: options.ip?.(context),
    };
    const access = await checkAccess(verifier, request, options);
    if (!access.granted) {
      return new Response(JSON.stringify(access.problem), { status: access.status, headers: access.headers });
    }
    context.set("apiToken", access.apiToken);
    await next();
    return undefined;
  };
}
