import { attempt, type ResourceCall } from "../provider/call.ts";
import { partOf } from "../schema/attribute-values.ts";
import type { Identity } from "../schema/identity.ts";
import { joinTimeouts } from "../schema/timeouts.ts";
import { equalValues } from "../values/compare.ts";
import type { Value } from "../values/value.ts";
import { identify, missingPart, receiveIdentity } from "./identify.ts";
import { checkNewState } from "./new-state.ts";
import { StoredPrivateState } from "./private-state.ts";
import type { ImportResourceStateRequest, ImportResourceStateResponse } from "./resource-server.ts";

const nothing = { importedResources: [] };

/** Finds an existing resource by the id or the identity a practitioner gave. */
export async function importResource<Client>(
  call: ResourceCall<Client>,
  request: ImportResourceStateRequest,
): Promise<Omit<ImportResourceStateResponse, "diagnostics">> {
  const { resource, configuration, diagnostics, log, signal } = call;
  const { handlerSchema, typeName, importState } = resource;
  const summary = `Could not import ${typeName}`;
  if (importState === undefined) {
    diagnostics.error(summary, `Resources of type ${typeName} cannot be imported.`);
    return nothing;
  }
  const wanted = receiveIdentity(call, request.identity ?? null);
  const id = wanted === undefined ? undefined : await importId(call, request.id, wanted);
  if (wanted === undefined || id === undefined) return nothing;
  const configured = configuration.require(diagnostics, `import ${typeName}`);
  if (configured === undefined) return nothing;
  const privateState = new StoredPrivateState(new Uint8Array());
  const handlerRequest = { id, client: configured.client, signal, diagnostics, log, privateState };
  const done = await attempt(call, `import ${typeName}`, () => importState(handlerRequest));
  if (done === undefined || diagnostics.hasErrors) return nothing;
  if (done.result === null) {
    diagnostics.error(summary, `There is none with the id ${JSON.stringify(id)}. Check the id.`);
    return nothing;
  }
  const { state: own, bugs } = checkNewState(handlerSchema, done.result, typeName);
  diagnostics.add(...bugs);
  if (bugs.length > 0) return nothing;
  const identity = await identify(call, own, null);
  if (resource.identity !== null && !agrees(resource.identity, wanted, identity)) {
    const detail = "What was found has another identity than the one asked for. Check each attribute of the identity.";
    diagnostics.error(summary, detail);
  }
  if (diagnostics.hasErrors) return nothing;
  const state = joinTimeouts(resource, own, null);
  return { importedResources: [{ typeName, state, private: privateState.encode(), identity }] };
}

async function importId<Client>(call: ResourceCall<Client>, id: string, wanted: Value): Promise<string | undefined> {
  const { identity, typeName } = call.resource;
  if (identity === null || wanted === null) return id;
  const problem = missingPart(identity, wanted);
  if (problem !== undefined) {
    call.diagnostics.error(`Could not import ${typeName}`, `The identity is not complete. ${problem}`);
    return undefined;
  }
  return (await attempt(call, `import ${typeName}`, () => identity.importId(wanted)))?.result;
}

/** Whether an identity has everything that was asked for. */
function agrees({ attributes }: Identity, wanted: Value, identity: Value): boolean {
  return Object.entries(attributes).every(([name, { type }]) => {
    const part = partOf(wanted, name);
    return part === null || equalValues(type, part, partOf(identity, name));
  });
}
