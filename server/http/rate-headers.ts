import type { RateState } from "../domain/rate-limiter.ts";

/**
 * The header fields that tell a client what is left of a limit, and when to come again if nothing is.
 * @see draft-ietf-httpapi-ratelimit-headers; RFC 9110 section 10.2.3 for `Retry-After`
 */
export function rateHeaders(state: RateState): Readonly<Record<string, string>> {
  const { limit, remaining, resetSeconds, isExceeded } = state;
  return {
    RateLimit: `"${limit.name}";r=${remaining};t=${resetSeconds}`,
    "RateLimit-Policy": `"${limit.name}";q=${limit.quota};w=${limit.windowSeconds}`,
    ...(isExceeded ? { "Retry-After": String(resetSeconds) } : {}),
  };
}
