/** Protects handlers of plain `node:http`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type AccessRule, checkAccess } from "./check-access.ts";
import type { VerifiedApiToken, Verifier } from "./verifier.ts";

/** A request that may pass. `apiToken` is undefined only where `whenUnavailable` is `accept`. */
export type ProtectedRequest = IncomingMessage & { readonly apiToken: VerifiedApiToken | undefined };

/** How a handler is protected. */
export type NodeOptions = AccessRule & {
  /** Where a request comes from. Default: the other end of its connection; behind a proxy, read what the proxy says. */
  readonly ip?: (request: IncomingMessage) => string | undefined;
};

/**
 * Makes a handler that only requests with a live token reach; the others are answered.
 *
 * @example createServer(requireApiToken(verifier, (request, response) => response.end(request.apiToken?.label)))
 */
export function requireApiToken(
  verifier: Verifier,
  handle: (request: ProtectedRequest, response: ServerResponse) => unknown,
  options: NodeOptions = {},
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const ipOf = options.ip ?? ((request) => request.socket.remoteAddress);
  return async (request, response) => {
    const { authorization, "x-api-key": apiKey } = request.headers;
    const access = await checkAccess(
      verifier,
      { authorization, apiKey: apiKey?.toString(), ip: ipOf(request) },
      options,
    );
    if (access.granted) {
      await handle(Object.assign(request, { apiToken: access.apiToken }), response);
      return;
    }
    response.writeHead(access.status, access.headers);
    response.end(JSON.stringify(access.problem));
  };
}
