import { attemptWithin } from "./attempt-within.ts";
import { checkNewState } from "./new-state.ts";
import { StoredPrivateState } from "./private-state.ts";
import { attempt, type ResourceCall, receiveFor } from "./resource-call.ts";
import type {
  ImportResourceStateRequest,
  ImportResourceStateResponse,
  ReadResourceRequest,
  ReadResourceResponse,
} from "./resource-server.ts";
import { joinTimeouts } from "./timeouts.ts";

/** Reads the current state of one resource; on failure the last state stays. */
export async function readResource<Client>(
  call: ResourceCall<Client>,
  request: ReadResourceRequest,
): Promise<Omit<ReadResourceResponse, "diagnostics">> {
  const { resource, configuration, diagnostics, log } = call;
  const { handlerSchema, typeName } = resource;
  const unchanged = { newState: request.currentState, private: request.private };
  const received = receiveFor(call, request.currentState);
  if (received === undefined || received.own === null) return unchanged;
  const { own: state, timeouts } = received;
  if (configuration.current.status === "unknown") {
    const detail =
      "The provider block depends on values that are not known yet, so the last known state is used. It is refreshed once they are known.";
    diagnostics.warn(`Could not read ${typeName}`, detail);
    return { ...unchanged, newState: joinTimeouts(resource, state, timeouts) };
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
  if (done.result === null) return { newState: null, private: new Uint8Array() };
  const checked = checkNewState(handlerSchema, done.result, typeName);
  diagnostics.add(...checked.bugs);
  if (checked.bugs.length > 0) return unchanged;
  return { newState: joinTimeouts(resource, checked.state, timeouts), private: privateState.encode() };
}

/** Finds an existing resource by the id a practitioner gave. */
export async function importResource<Client>(
  call: ResourceCall<Client>,
  { id }: ImportResourceStateRequest,
): Promise<Omit<ImportResourceStateResponse, "diagnostics">> {
  const { resource, configuration, diagnostics, log, signal } = call;
  const { handlerSchema, typeName } = resource;
  const nothing = { importedResources: [] };
  const { importState } = resource;
  if (importState === undefined) {
    diagnostics.error(`Could not import ${typeName}`, `Resources of type ${typeName} cannot be imported.`);
    return nothing;
  }
  const configured = configuration.require(diagnostics, `import ${typeName}`);
  if (configured === undefined) return nothing;
  const privateState = new StoredPrivateState(new Uint8Array());
  const handlerRequest = { id, client: configured.client, signal, diagnostics, log, privateState };
  const done = await attempt(call, `import ${typeName}`, () => importState(handlerRequest));
  if (done === undefined || diagnostics.hasErrors) return nothing;
  if (done.result === null) {
    diagnostics.error(`Could not import ${typeName}`, `There is none with the id ${JSON.stringify(id)}. Check the id.`);
    return nothing;
  }
  const { state: own, bugs } = checkNewState(handlerSchema, done.result, typeName);
  diagnostics.add(...bugs);
  const state = joinTimeouts(resource, own, null);
  return bugs.length > 0 ? nothing : { importedResources: [{ typeName, state, private: privateState.encode() }] };
}
