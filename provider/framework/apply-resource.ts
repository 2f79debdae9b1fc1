import { checkNewState } from "./new-state.ts";
import { StoredPrivateState } from "./private-state.ts";
import type { ApplyResourceChangeRequest, ApplyResourceChangeResponse } from "./provider-server.ts";
import { attempt, type ResourceCall, receive } from "./resource-call.ts";
import type { Value } from "./value.ts";

/** Creates, updates or deletes one resource as planned, and says what exists afterwards, also when it failed. */
export async function applyResource<Client>(
  call: ResourceCall<Client>,
  request: ApplyResourceChangeRequest,
): Promise<Omit<ApplyResourceChangeResponse, "diagnostics">> {
  const { schema, typeName } = call.resource;
  const state = receive(schema, request.priorState, call.diagnostics);
  const plan = receive(schema, request.plannedState, call.diagnostics);
  const config = receive(schema, request.config, call.diagnostics);
  const unchanged = { newState: request.priorState, private: request.plannedPrivate };
  if (state === undefined || plan === undefined || config === undefined) return unchanged;
  const action = plan === null ? "delete" : state === null ? "create" : "update";
  const configured = call.configuration.require(call.diagnostics, `${action} ${typeName}`);
  if (configured === undefined) return unchanged;
  const privateState = new StoredPrivateState(request.plannedPrivate);
  const { signal, diagnostics, log } = call;
  const context = { client: configured.client, signal, diagnostics, log, privateState };
  if (action !== "delete") {
    const newState = await change(call, action, { state, plan, config, ...context });
    return { newState, private: newState === null ? new Uint8Array() : privateState.encode() };
  }
  const done = await attempt(call, `delete ${typeName}`, () => call.resource.delete({ state, ...context }));
  const gone = done !== undefined && !diagnostics.hasErrors;
  return gone ? { newState: null, private: new Uint8Array() } : unchanged;
}

interface Change {
  readonly state: Value;
  readonly plan: Value;
  readonly config: Value;
}

async function change<Client>(call: ResourceCall<Client>, action: "create" | "update", values: Change): Promise<Value> {
  const { schema, typeName } = call.resource;
  let kept = values.state;
  const saveState = (raw: unknown): void => {
    const saved = checkNewState(schema, raw, typeName);
    call.diagnostics.add(...saved.bugs);
    kept = saved.state ?? kept;
  };
  const run = (): Promise<unknown> => call.resource[action]({ ...values, saveState });
  const done = await attempt(call, `${action} ${typeName}`, run);
  if (done === undefined) return kept;
  const { state, bugs } = checkNewState(schema, done.result, typeName, values.plan);
  call.diagnostics.add(...bugs);
  return state ?? kept;
}
