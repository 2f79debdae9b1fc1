/** Protects routes of Fastify, of version 5. */
import type { FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from "fastify";
import { type AccessRule, checkAccess } from "./check-access.ts";
import type { VerifiedApiToken, Verifier } from "./verifier.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The token the request carries, once `requireApiToken` let it pass. */
    apiToken?: VerifiedApiToken;
  }
}

/**
 * A hook, for `onRequest` of a route or of everything, that lets requests with a live token pass, with `request.apiToken`, and
 * answers the others. The address of a request is what Fastify says it is: set `trustProxy` behind one.
 *
 * @example app.addHook("onRequest", requireApiToken(verifier))
 * @example app.delete("/projects/:id", { onRequest: requireApiToken(verifier, { role: "admin" }) }, handler)
 */
export function requireApiToken(verifier: Verifier, rule: AccessRule = {}): preHandlerAsyncHookHandler {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { authorization, "x-api-key": apiKey } = request.headers;
    const access = await checkAccess(verifier, { authorization, apiKey: apiKey?.toString(), ip: request.ip }, rule);
    if (!access.granted) {
      return reply.code(access.status).headers(access.headers).send(JSON.stringify(access.problem));
    }
    if (access.apiToken !== undefined) request.apiToken = access.apiToken;
    return undefined;
  };
}
