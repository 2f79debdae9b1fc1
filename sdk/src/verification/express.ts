/** Protects routes of Express, of version 4 and 5. */
import { type AccessRule, checkAccess } from "./check-access.ts";
import type { VerifiedApiToken, Verifier } from "./verifier.ts";

declare global {
  namespace Express {
    interface Request {
      /** The token the request carries, once `requireApiToken` let it pass. */
      apiToken?: VerifiedApiToken;
    }
  }
}

/** What the middleware uses of a request of Express. */
export type ExpressRequest = {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly ip?: string | undefined;
  apiToken?: VerifiedApiToken;
};

/** What the middleware uses of an answer of Express. */
export type ExpressResponse = {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
};

/**
 * Middleware that lets requests with a live token pass, with `request.apiToken`, and answers the others. The address of a request
 * is what Express says it is: set `trust proxy` behind one.
 *
 * @example app.delete("/projects/:id", requireApiToken(verifier, { role: "admin" }), handler)
 */
export function requireApiToken(
  verifier: Verifier,
  rule: AccessRule = {},
): (request: ExpressRequest, response: ExpressResponse, next: (error?: unknown) => void) => Promise<void> {
  return async (request, response, next) => {
    const { authorization, "x-api-key": apiKey } = request.headers;
    const access = await checkAccess(
      verifier,
      { authorization: authorization?.toString(), apiKey: apiKey?.toString(), ip: request.ip },
      rule,
    );
    if (access.granted) {
      if (access.apiToken !== undefined) request.apiToken = access.apiToken;
      next();
      return;
    }
    response.writeHead(access.status, { ...access.headers });
    response.end(JSON.stringify(access.problem));
  };
}
