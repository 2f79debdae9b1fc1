import { attemptWithin } from "../provider/attempt-within.ts";
import { type ResourceCall, receiveFor } from "../provider/call.ts";
import { joinTimeouts, type SplitValue, splitTimeouts } from "../schema/timeouts.ts";
import { equalValues } from "../values/compare.ts";
import { keepHoleTypes } from "../values/dynamic.ts";
import type { Value } from "../values/value.ts";
import { identify, receiveIdentity } from "./identify.ts";
import { checkNewState } from "./new-state.ts";
import { StoredPrivateState } from "./private-state.ts";
import type { ApplyResourceChangeRequest, ApplyResourceChangeResponse } from "./resource-server.ts";

/** Creates, updates or deletes one resource as planned, and says what exists afterwards, also when it failed. */
export async function applyResource<Client>(
  call: ResourceCall<Client>,
  request: ApplyResourceChangeRequest,
): Promise<Omit<ApplyResourceChangeResponse, "diagnostics">> {
  const { plannedIdentity = null } = request;
  const before = receiveIdentity(call, plannedIdentity);
  const state = receiveFor(call, request.priorState);
  const plan = receiveFor(call, request.plannedState);
  const config = receiveFor(call, request.config);
  const unchanged = {
    newState: request.priorState,
    private: request.plannedPrivate,
    newIdentity: plannedIdentity,
  };
  if (state === undefined || plan === undefined || config === undefined || before === undefined) {
    return unchanged;
  }
  const { typeName } = call.resource;
  const action = plan.own === null ? "delete" : state.own === null ? "create" : "update";
  const configured = call.configuration.require(call.diagnostics, `${action} ${typeName}`);
  if (configured === undefined) return unchanged;
  const privateState = new StoredPrivateState(request.plannedPrivate);
  const { diagnostics, log } = call;
  const context = { client: configured.client, diagnostics, log, privateState };
  if (action !== "delete") {
    const changed = await change(call, action, { state, plan, config: config.own }, context);
    if (changed === null) return nothing;
    const newIdentity = await identify(call, splitTimeouts(call.resource, changed).own, before);
    const asPlanned = keepHoleTypes(call.resource.schema.type, changed, request.plannedState);
    const newState = keepHoleTypes(call.resource.schema.type, asPlanned, request.priorState);
    return { newState, private: privateState.encode(), newIdentity };
  }
  const timed = {
    operation: action,
    timeouts: state.timeouts,
    action: `${action} ${typeName}`,
    recorded: () => "The resource stays on record; destroy it again to go on.",
  } as const;
  const run = (signal: AbortSignal): Promise<void> => call.resource.delete({ state: state.own, signal, ...context });
  const done = await attemptWithin(call, timed, run);
  const gone = done !== undefined && !diagnostics.hasErrors;
  return gone ? nothing : unchanged;
}

const nothing = { newState: null, private: new Uint8Array(), newIdentity: null };

interface Change {
  readonly state: SplitValue;
  readonly plan: SplitValue;
  readonly config: Value;
}

async function change<Client>(
  call: ResourceCall<Client>,
  action: "create" | "update",
  { state, plan, config }: Change,
  context: object,
): Promise<Value> {
  const { resource, diagnostics } = call;
  const { handlerSchema, typeName } = resource;
  const record = (own: Value): Value => joinTimeouts(resource, own, plan.timeouts);
  // Nothing but the time-outs changes, and those concern nobody else.
  const isTimed = action === "update" && resource.timeouts !== undefined;
  if (isTimed && equalValues(handlerSchema.type, plan.own, state.own)) return record(plan.own);
  let saved: Value = null;
  const saveState = (raw: unknown): void => {
    const checked = checkNewState(handlerSchema, raw, typeName);
    diagnostics.add(...checked.bugs);
    saved = checked.state ?? saved;
  };
  const kept = (): Value => (saved === null ? joinTimeouts(resource, state.own, state.timeouts) : record(saved));
  const timed = {
    operation: action,
    timeouts: plan.timeouts,
    action: `${action} ${typeName}`,
    recorded: () => describeRecorded(action, saved !== null),
  };
  const run = (signal: AbortSignal): Promise<unknown> =>
    resource[action]({ state: state.own, plan: plan.own, config, saveState, signal, ...context });
  const done = await attemptWithin(call, timed, run);
  if (done === undefined) return kept();
  const checked = checkNewState(handlerSchema, done.result, typeName, plan.own);
  diagnostics.add(...checked.bugs);
  return checked.state === null ? kept() : record(checked.state);
}

function describeRecorded(action: "create" | "update", isSaved: boolean): string {
  if (action === "update") {
    return isSaved
      ? "What was changed by then is on record; the next apply goes on from there."
      : "The state before it is kept; the next apply does it again.";
  }
  return isSaved
    ? "What exists is on record, marked as tainted: the next apply destroys it and creates it anew."
    : "The provider had not reported anything that exists by then, so nothing is on record.";
}
