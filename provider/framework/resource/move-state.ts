import { attempt, type ResourceCall } from "../provider/call.ts";
import { parseStoredObject, storedSecrets } from "../schema/parse-stored.ts";
import { joinTimeouts } from "../schema/timeouts.ts";
import { identify } from "./identify.ts";
import { checkNewState } from "./new-state.ts";
import { StoredPrivateState } from "./private-state.ts";
import type { MoveSource } from "./resource.ts";
import type { MoveResourceStateRequest, MoveResourceStateResponse } from "./resource-server.ts";

/** Turns the state of a resource of another type, perhaps of another provider, into one of this type, for a `moved` block. */
export async function moveState<Client>(
  call: ResourceCall<Client>,
  request: MoveResourceStateRequest,
): Promise<Omit<MoveResourceStateResponse, "diagnostics">> {
  const { resource, diagnostics } = call;
  const { typeName, handlerSchema } = resource;
  const { sourceTypeName, sourceProviderAddress } = request;
  const action = `move ${sourceTypeName} to ${typeName}`;
  const failed = { targetState: null, targetPrivate: new Uint8Array(), targetIdentity: null };
  const mover = resource.moveState.find((candidate) => matches(candidate, request));
  if (mover === undefined) {
    const detail = `A ${sourceTypeName} of ${sourceProviderAddress} cannot become a ${typeName}. Remove the moved block.`;
    diagnostics.error(`Could not ${action}`, detail);
    return failed;
  }
  const stored = request.sourceStateJson === undefined ? undefined : parseStoredObject(request.sourceStateJson);
  if (stored === undefined) {
    diagnostics.error(`Could not ${action}`, "The state file does not hold a JSON object for it.");
    return failed;
  }
  for (const secret of storedSecrets(handlerSchema.attributes, stored)) diagnostics.redact(secret);
  const source = { typeName: sourceTypeName, providerAddress: sourceProviderAddress };
  const schemaVersion = Number(request.sourceSchemaVersion);
  const moved = await attempt(call, action, () => mover.move({ ...source, schemaVersion, state: stored }));
  if (moved === undefined) return failed;
  const { state, bugs } = checkNewState(handlerSchema, moved.result, typeName);
  diagnostics.add(...bugs);
  if (bugs.length > 0) return failed;
  const targetIdentity = await identify(call, state, null);
  // Of another provider it would mean something else.
  const kept = mover.fromProvider === undefined ? request.sourcePrivate : new Uint8Array();
  const targetPrivate = new StoredPrivateState(kept).encode();
  return { targetState: joinTimeouts(resource, state, null), targetPrivate, targetIdentity };
}

/** A provider address is `registry.example.com/namespace/type`; the host may be a mirror's, so it is not compared. */
function matches({ fromTypeName, fromProvider }: MoveSource, request: MoveResourceStateRequest): boolean {
  if (fromTypeName !== request.sourceTypeName) return false;
  const address = request.sourceProviderAddress;
  return fromProvider === undefined || address === fromProvider || address.endsWith(`/${fromProvider}`);
}
