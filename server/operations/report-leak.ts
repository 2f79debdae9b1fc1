import { networkOf } from "../domain/network-address.ts";
import { ProblemError } from "../domain/problem.ts";
import { rateLimited } from "../domain/rate-limiter.ts";
import { reportLeak as followUp, hideToken } from "../domain/report-leak.ts";
import { digestToken, isWellFormedToken } from "../domain/token-text.ts";
import type { Operation } from "./operation.ts";

/** Takes a report from anybody. What follows from it happens after the answer, which therefore tells nothing. */
export const reportLeak: Operation<"reportLeak", undefined> = async (services, { body, origin }) => {
  const state = services.leakReports.take(networkOf(origin.ip ?? ""));
  if (state.isExceeded) throw rateLimited(state, "Too many reports came from this address.", "/body/token");
  const { token, where } = body;
  const leak = {
    sha256: digestToken(token).sha256,
    where: where === undefined ? null : hideToken(where, token),
    source: "a leak report",
    origin,
  };
  const isWellFormed = isWellFormedToken(token);
  // Also for what is no token: whether too much waits must not depend on it either.
  const isTaken = services.work.add(async () => {
    if (isWellFormed) await followUp(services, leak);
  });
  if (isTaken) return { status: "received" };
  throw new ProblemError("service_unavailable", "Try again shortly. Too many reports wait to be looked at.");
};
