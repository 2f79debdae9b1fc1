import { attemptWithin } from "../provider/attempt-within.ts";
import { type ResourceCall, receiveFor } from "../provider/call.ts";
import { keepEquivalent } from "../schema/keep-equivalent.ts";
import { joinTimeouts } from "../schema/timeouts.ts";
import { keepHoleTypes } from "../values/dynamic.ts";
import { identify, receiveIdentity } from "./identify.ts";
import { checkNewState } from "./new-state.ts";
import { StoredPrivateState } from "./private-state.ts";
import type { ReadResourceRequest, ReadResourceResponse } from "./resource-server.ts";

/** Reads the current state of one resource; on failure the last state stays. */
export async function readResource<Client>(
  call: ResourceCall<Client>,
  request: ReadResourceRequest,
): Promise<Omit<ReadResourceResponse, "diagnostics">> {
  const { resource, configuration, diagnostics, log } = call;
  const { handlerSchema, typeName } = resource;
  const { currentState, currentIdentity = null } = request;
  const unchanged = { newState: currentState, private: request.private, newIdentity: currentIdentity };
  const identityBefore = receiveIdentity(call, currentIdentity);
  const received = receiveFor(call, currentState);
  if (identityBefore === undefined || received === undefined || received.own === null) return unchanged;
  const { own: state, timeouts } = received;
  if (configuration.current.status === "unknown") {
    const detail =
      "The provider block depends on values that are not known yet, so the last known state is used. It is refreshed once they are known.";
    diagnostics.warn(`Could not read ${typeName}`, detail);
    const asItWas = joinTimeouts(resource, state, timeouts);
    return { ...unchanged, newState: keepHoleTypes(resource.schema.type, asItWas, currentState) };
  }
  const configured = configuration.require(diagnostics, `read ${typeName}`);
  if (configured === undefined) return unchanged;
  const privateState = new StoredPrivateState(request.private);
  const handlerRequest = { state, client: configured.client, diagnostics, log, privateState };
  const timed = {
    operation: "read",
    timeouts,
    action: `read ${typeName}`,
    recorded: () => "The state known before stays on record.",
  } as const;
  const done = await attemptWithin(call, timed, (signal) => resource.read({ ...handlerRequest, signal }));
  if (done === undefined || diagnostics.hasErrors) return unchanged;
  if (done.result === null) return { newState: null, private: new Uint8Array(), newIdentity: null };
  const checked = checkNewState(handlerSchema, done.result, typeName);
  diagnostics.add(...checked.bugs);
  if (checked.bugs.length > 0) return unchanged;
  const own = keepEquivalent(handlerSchema.attributes, checked.state, state);
  const newIdentity = await identify(call, own, identityBefore);
  if (diagnostics.hasErrors) return unchanged;
  const newState = keepHoleTypes(resource.schema.type, joinTimeouts(resource, own, timeouts), currentState);
  return { newState, private: privateState.encode(), newIdentity };
}
