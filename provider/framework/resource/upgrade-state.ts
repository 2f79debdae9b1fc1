import { attempt, type ResourceCall } from "../provider/call.ts";
import { parseStoredObject, storedSecrets } from "../schema/parse-stored.ts";
import { formatPath } from "../values/attribute-path.ts";
import { conform } from "../values/conform.ts";
import { keepHoleTypes } from "../values/dynamic.ts";
import type { ObjectValue } from "../values/value.ts";
import type { Resource, StateUpgrader } from "./resource.ts";
import type { UpgradeResourceStateRequest, UpgradeResourceStateResponse } from "./resource-server.ts";

/** Brings a state from the state file to the current schema: through the upgraders, and without attributes that no longer exist. */
export async function upgradeState<Client>(
  call: ResourceCall<Client>,
  request: UpgradeResourceStateRequest,
): Promise<Omit<UpgradeResourceStateResponse, "diagnostics">> {
  const { resource, diagnostics } = call;
  const { typeName, schema } = resource;
  const version = Number(request.version);
  const summary = `Could not upgrade the state of ${typeName}`;
  const failed = { upgradedState: null };
  if (request.rawStateJson === undefined) {
    diagnostics.error(summary, "It was written by Terraform 0.11 or earlier. Upgrade with Terraform 0.12 first.");
    return failed;
  }
  if (version > schema.version) {
    const detail = `It was written by a newer version of the provider (schema version ${version}; this provider knows up to ${schema.version}). Use that version of the provider or a later one.`;
    diagnostics.error(summary, detail);
    return failed;
  }
  const stored = parseStoredObject(request.rawStateJson);
  if (stored === undefined) {
    diagnostics.error(summary, "The state file does not hold a JSON object for it.");
    return failed;
  }
  for (const secret of storedSecrets(schema.attributes, stored)) diagnostics.redact(secret);
  const upgraded = await attempt(call, `upgrade the state of ${typeName}`, () => upgrade(resource, stored, version));
  if (upgraded === undefined) return failed;
  const { value, mismatches } = conform(schema.type, upgraded.result, "wire");
  for (const { path, message } of mismatches) {
    diagnostics.error(summary, `${formatPath(path) || "The state"} does not fit the schema. ${message}`, path);
  }
  return mismatches.length > 0 ? failed : { upgradedState: keepHoleTypes(schema.type, value, upgraded.result) };
}

function upgrade<Client>(resource: Resource<Client>, stored: ObjectValue, from: number): ObjectValue {
  let state = stored;
  let version = from;
  while (version < resource.schema.version) {
    const upgrader = longestStep(resource.upgraders, version);
    state = upgrader.upgrade(state);
    version = upgrader.to ?? version + 1;
  }
  return state;
}

/** `defineResource` has made sure that there is an upgrader from each older version. */
function longestStep(upgraders: readonly StateUpgrader[], version: number): StateUpgrader {
  const candidates = upgraders.filter(({ from }) => from === version);
  const [longest] = candidates.sort((one, other) => (other.to ?? other.from + 1) - (one.to ?? one.from + 1));
  if (longest === undefined) throw new TypeError(`There is no upgrader from version ${version}.`);
  return longest;
}
