import type { IncomingHttpHeaders } from "node:http";
import type { UserPrincipal } from "../domain/principal.ts";
import { ProblemError } from "../domain/problem.ts";
import { isSameSecret } from "../domain/session.ts";

/**
 * Refuses what a browser sends because another site told it to. A request without these fields comes from no browser of
 * today, and whoever sends it has no cookie but their own.
 *
 * @throws ProblemError `csrf_token_invalid`.
 * @see https://www.w3.org/TR/fetch-metadata/, RFC 6454 section 7
 */
export function requireOwnPage(headers: IncomingHttpHeaders, publicUrl: string): void {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") throw foreign();
  if (site === undefined && headers.origin !== undefined && headers.origin !== new URL(publicUrl).origin)
    throw foreign();
}

/** @throws ProblemError `csrf_token_invalid` unless the request carries the session's own CSRF token. */
export function requireCsrfToken(headers: IncomingHttpHeaders, { csrfToken }: UserPrincipal): void {
  const given = headers["x-csrf-token"];
  if (typeof given === "string" && isSameSecret(given, csrfToken)) return;
  throw new ProblemError(
    "csrf_token_invalid",
    "Send the session's csrfToken, as GET /v2/session answers it, in X-CSRF-Token. Nothing was changed.",
  );
}

function foreign(): ProblemError {
  return new ProblemError(
    "csrf_token_invalid",
    "The request was begun by another site. Open this server's own page, at the address it is meant to be reached at.",
  );
}
