import type { FastifyReply } from "fastify";
import { networkOf } from "../domain/network-address.ts";
import { ProblemError } from "../domain/problem.ts";
import { type RateLimiter, rateLimited } from "../domain/rate-limiter.ts";
import { rateHeaders } from "./rate-headers.ts";

/**
 * Charges a token that was refused to the address it came from. What succeeds is never charged and never refused, also
 * from an address that has used up its limit: neighbours behind one address must not lock each other out.
 *
 * @returns what to answer: the error itself, with what is left of the limit in `reply`; `rate_limited` when nothing is.
 */
export function chargeFailure(
  limiter: RateLimiter | undefined,
  error: unknown,
  ip: string,
  reply: FastifyReply,
): unknown {
  if (limiter === undefined || !isRefusedToken(error)) return error;
  const state = limiter.take(networkOf(ip));
  if (state.isExceeded) {
    return rateLimited(
      state,
      "Too many tokens from this address were refused. Requests with a live token are still served.",
    );
  }
  void reply.headers(rateHeaders(state));
  return error;
}

/** A request without any token is not an attempt. */
function isRefusedToken(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return false;
  return error.code.startsWith("authentication_") && error.code !== "authentication_missing";
}
