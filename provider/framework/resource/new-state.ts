import { type Diagnostic, errorDiagnostic } from "../diagnostics/diagnostic.ts";
import type { Attribute } from "../schema/attribute-types.ts";
import { mapAttributes, withoutWriteOnly } from "../schema/attribute-values.ts";
import { keepEquivalent } from "../schema/keep-equivalent.ts";
import type { Schema } from "../schema/schema.ts";
import { type AttributePath, formatPath } from "../values/attribute-path.ts";
import { brokenPromise } from "../values/compare.ts";
import { conform } from "../values/conform.ts";
import { isListValue, isObjectValue, isUnknown, isWhollyKnown, type Value } from "../values/value.ts";

/** A state Terraform can record, and the provider bugs found in what the handler returned. */
export interface CheckedState {
  readonly state: Value;
  readonly bugs: readonly Diagnostic[];
}

/**
 * Checks the state a handler returned: the schema's shape, wholly known, a value wherever the schema promises one, and equal to
 * everything the plan promised. What cannot be recorded becomes null, so that the rest, above all the id, is not lost.
 */
export function checkNewState(schema: Schema, raw: unknown, typeName: string, planned: Value = null): CheckedState {
  const bugs: Diagnostic[] = [];
  const report = (path: AttributePath, problem: string): void => {
    const place = path.length === 0 ? "The returned state" : formatPath(path);
    const detail = `${place} cannot be recorded: ${problem} This is a bug in the provider; please report it.`;
    bugs.push(errorDiagnostic(`Invalid new state of ${typeName}`, detail, path));
  };
  const { value, mismatches } = conform(schema.type, raw, "handler");
  for (const { path, message } of mismatches) report(path, message);
  const recorded = withoutWriteOnly(schema.attributes, value);
  if (!isObjectValue(recorded)) {
    if (mismatches.length === 0) report([], "an object is required.");
    return { state: null, bugs };
  }
  const state = mapAttributes(schema.attributes, recorded, (definition, part, path) => {
    if (hasHole(definition, part)) {
      report(path, "the value is still unknown after apply.");
      return null;
    }
    const mayBeNull = definition.nullable || definition.writeOnly;
    if (part === null && !mayBeNull && !isReported(mismatches, path)) {
      report(path, "the value is null, which the schema excludes.");
    }
    return part;
  });
  if (bugs.length > 0 || planned === null) return { state, bugs };
  const kept = keepEquivalent(schema.attributes, state, planned);
  const broken = brokenPromise(schema.type, planned, kept);
  if (broken !== undefined) report(broken, "the value differs from the planned one.");
  return { state: kept, bugs };
}

/** Whether a value cannot be recorded because of an unknown part; the insides of nested objects are checked on their own. */
function hasHole({ nested }: Attribute, value: Value): boolean {
  if (nested === undefined) return !isWhollyKnown(value);
  if (isUnknown(value) || nested.nesting === "single") return isUnknown(value);
  if (isListValue(value)) return value.some(isUnknown);
  return isObjectValue(value) && Object.values(value).some(isUnknown);
}

function isReported(mismatches: readonly { readonly path: AttributePath }[], path: AttributePath): boolean {
  const text = formatPath(path);
  return mismatches.some((mismatch) => formatPath(mismatch.path) === text);
}
