import { minimumLifetimeMs } from "./api-token.ts";
import { invalidRequest } from "./problem.ts";

/** An expiry as a request names it: at a time, or so many seconds from now. */
export type RequestedExpiry = {
  readonly expiresAt?: string | null;
  readonly expiresInSeconds?: number;
};

/** The last time that RFC 3339 can write in UTC. */
const latestExpiry = new Date("9999-12-31T23:59:59.999Z");

/**
 * The expiry a request asks for.
 *
 * @returns null for never, undefined when the request does not say.
 * @throws ProblemError `request_invalid` when both are given, or the time is not at least 1 s ahead or after the year 9999.
 */
export function parseExpiry(requested: RequestedExpiry, now: Date): Date | null | undefined {
  if (requested.expiresInSeconds !== undefined) {
    if (requested.expiresAt !== undefined) {
      throw invalidRequest({
        pointer: "/body/expiresInSeconds",
        code: "fields_conflict",
        message: "must not be given together with expiresAt",
      });
    }
    return new Date(now.getTime() + requested.expiresInSeconds * 1000);
  }
  if (requested.expiresAt === undefined || requested.expiresAt === null) return requested.expiresAt;
  const expiresAt = new Date(requested.expiresAt);
  if (Number.isNaN(expiresAt.getTime())) {
    throw invalidRequest({
      pointer: "/body/expiresAt",
      code: "format_wrong",
      message: "must be an RFC 3339 date and time",
    });
  }
  if (expiresAt.getTime() < now.getTime() + minimumLifetimeMs) {
    throw invalidRequest({
      pointer: "/body/expiresAt",
      code: "value_too_small",
      message: "must be at least 1 s ahead",
    });
  }
  if (expiresAt > latestExpiry) {
    throw invalidRequest({
      pointer: "/body/expiresAt",
      code: "value_too_large",
      message: "must be before the year 10000",
    });
  }
  return expiresAt;
}
