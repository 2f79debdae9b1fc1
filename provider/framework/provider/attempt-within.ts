import { type Diagnostic, errorDiagnostic } from "../diagnostics/diagnostic.ts";
import { partOf } from "../schema/attribute-values.ts";
import type { TimedOperation } from "../schema/timeouts.ts";
import { attributePath } from "../values/attribute-path.ts";
import { formatDurationMs, parseDurationMs } from "../values/duration.ts";
import type { Value } from "../values/value.ts";
import { attempt, type ResourceCall } from "./call.ts";
import { explainError } from "./explain-error.ts";

/** What a timer of JavaScript can wait for: almost 25 days. */
const maxTimerMs = 2 ** 31 - 1;

/** What is bounded, and by what. */
export interface TimedAttempt {
  readonly operation: TimedOperation;
  /** The value of the `timeouts` attribute. */
  readonly timeouts: Value;
  /** Ends the sentence "Could not ...". */
  readonly action: string;
  /** A sentence: what Terraform has on record when the time is up. */
  readonly recorded: () => string;
}

/** Runs provider code with a signal that also aborts when its time is up; see {@link attempt}. */
export async function attemptWithin<T, Client>(
  call: ResourceCall<Client>,
  timed: TimedAttempt,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<{ readonly result: T } | undefined> {
  const configured = partOf(timed.timeouts, timed.operation);
  const limit = typeof configured === "string" ? configured : call.resource.timeouts?.[timed.operation];
  const limitMs = limit === undefined ? undefined : parseDurationMs(limit);
  if (limit === undefined || limitMs === undefined) return attempt(call, timed.action, () => run(call.signal));
  const timeUp = new AbortController();
  const reason = new DOMException(`The ${timed.operation} took longer than ${limit}.`, "TimeoutError");
  const timer = setTimeout(() => timeUp.abort(reason), Math.min(limitMs, maxTimerMs));
  const signal = AbortSignal.any([call.signal, timeUp.signal]);
  try {
    return { result: await run(signal) };
  } catch (error) {
    const explained = explainError(error, { ...timed, signal: call.signal, explainError: call.explainError });
    const isTimedOut = signal.reason === reason;
    call.diagnostics.add(isTimedOut ? timedOut(timed, limit, isAbort(error) ? undefined : explained) : explained);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function timedOut(timed: TimedAttempt, limit: string, otherwise: Diagnostic | undefined): Diagnostic {
  const { operation, recorded } = timed;
  const more = formatDurationMs(2 * (parseDurationMs(limit) ?? 0));
  const advice = `To give it more time, set timeouts.${operation}, for example to "${more}".`;
  const fromState = "It is taken from the state, so apply it before it counts.";
  const detail = [
    `The time-out timeouts.${operation} of ${limit} passed before the ${operation} had finished.`,
    recorded(),
    operation === "create" || operation === "update" ? advice : `${advice} ${fromState}`,
    ...(otherwise === undefined ? [] : [`The provider says: ${otherwise.detail}`]),
  ];
  return errorDiagnostic(`Could not ${timed.action} in time`, detail.join(" "), attributePath("timeouts", operation));
}

/** Whether an error says no more than that a signal was aborted. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}
