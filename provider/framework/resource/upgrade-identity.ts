import { attempt, type ResourceCall } from "../provider/call.ts";
import type { Identity } from "../schema/identity.ts";
import { parseStoredObject } from "../schema/parse-stored.ts";
import { formatPath } from "../values/attribute-path.ts";
import { conform } from "../values/conform.ts";
import type { ObjectValue } from "../values/value.ts";
import type { UpgradeResourceIdentityRequest, UpgradeResourceIdentityResponse } from "./resource-server.ts";

/** Brings an identity from the state file to the current version, through the upgraders. */
export async function upgradeIdentity<Client>(
  call: ResourceCall<Client>,
  request: UpgradeResourceIdentityRequest,
): Promise<Omit<UpgradeResourceIdentityResponse, "diagnostics">> {
  const { resource, diagnostics } = call;
  const { identity, typeName } = resource;
  const action = `upgrade the identity of ${typeName}`;
  const summary = `Could not ${action}`;
  const failed = { upgradedIdentity: null };
  const version = Number(request.version);
  if (identity === null || version > identity.version) {
    const detail = `It was written by a newer version of the provider (identity version ${version}). Use that version or a later one.`;
    diagnostics.error(summary, detail);
    return failed;
  }
  const stored = parseStoredObject(request.rawIdentityJson);
  if (stored === undefined) {
    diagnostics.error(summary, "The state file does not hold a JSON object for it.");
    return failed;
  }
  const upgraded = await attempt(call, action, () => upgrade(identity, stored, version));
  if (upgraded === undefined) return failed;
  const { value, mismatches } = conform(identity.type, upgraded.result, "wire");
  for (const { path, message } of mismatches) {
    diagnostics.error(summary, `${formatPath(path) || "The identity"} does not fit. ${message}`);
  }
  return mismatches.length > 0 ? failed : { upgradedIdentity: value };
}

/** `defineIdentity` has made sure that there is an upgrader from each older version. */
function upgrade(identity: Identity, stored: ObjectValue, from: number): ObjectValue {
  return identity.upgraders
    .filter((upgrader) => upgrader.from >= from && upgrader.from < identity.version)
    .toSorted((one, other) => one.from - other.from)
    .reduce((value, upgrader) => upgrader.upgrade(value), stored);
}
