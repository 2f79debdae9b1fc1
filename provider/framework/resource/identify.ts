import { attempt, type ResourceCall } from "../provider/call.ts";
import type { Identity } from "../schema/identity.ts";
import { formatPath } from "../values/attribute-path.ts";
import { equalValues } from "../values/compare.ts";
import { conform } from "../values/conform.ts";
import { isObjectValue, isWhollyKnown, type Value } from "../values/value.ts";

/**
 * The identity of a resource in a state (without its time-outs); null when its type has none or nothing exists. What is wrong with it
 * is reported as a bug in the provider, such as an identity that differs from `previous`.
 */
export async function identify<Client>(call: ResourceCall<Client>, state: Value, previous: Value): Promise<Value> {
  const { resource, diagnostics } = call;
  const { identity, typeName } = resource;
  if (identity === null || state === null) return null;
  const done = await attempt(call, `identify ${typeName}`, () => identity.of(state));
  if (done === undefined) return previous;
  const { value, mismatches } = conform(identity.type, done.result, "handler");
  const problem = mismatches[0]?.message ?? missingPart(identity, value) ?? changed(identity, previous, value);
  if (problem === undefined) return value;
  const detail = `${problem} This is a bug in the provider; please report it.`;
  diagnostics.error(`Invalid identity of ${typeName}`, detail);
  return previous;
}

/** Reads an identity as Terraform sends it: null when there is none, undefined, with diagnostics, when it does not fit. */
export function receiveIdentity<Client>(
  { resource, diagnostics }: ResourceCall<Client>,
  raw: Value,
): Value | undefined {
  const { identity, typeName } = resource;
  if (identity === null || raw === null) return null;
  const { value, mismatches } = conform(identity.type, raw, "wire");
  for (const { path, message } of mismatches) {
    diagnostics.error(`Invalid identity of ${typeName}`, `${formatPath(path) || "The identity"}: ${message}`);
  }
  return mismatches.length === 0 ? value : undefined;
}

/** A sentence on the first attribute an identity must have and has not. */
export function missingPart({ attributes }: Identity, value: Value): string | undefined {
  if (!isObjectValue(value) || !isWhollyKnown(value)) return "A wholly known object is required.";
  const absent = Object.keys(attributes).find((name) => attributes[name]?.requiredForImport && value[name] === null);
  return absent === undefined ? undefined : `It has no ${absent}.`;
}

/** An identity that nobody has recorded yet, or of which nothing was, may become anything. */
function changed({ type, mutable }: Identity, previous: Value, value: Value): string | undefined {
  const isNew = !isObjectValue(previous) || Object.values(previous).every((part) => part === null);
  if (mutable || isNew || equalValues(type, previous, value)) return undefined;
  return "It differs from the identity recorded before, and identities do not change while a resource lives.";
}
