import { errorDiagnostic } from "../diagnostics/diagnostic.ts";
import { type CheckedState, checkNewState } from "../resource/new-state.ts";
import { mapAttributes } from "../schema/attribute-values.ts";
import type { Schema } from "../schema/schema.ts";
import { formatPath } from "../values/attribute-path.ts";
import { brokenPromise } from "../values/compare.ts";
import { unknown, type Value } from "../values/value.ts";

/** What a configuration leads to before anything is read: what is computed and not configured is unknown. */
export function expectedResult(schema: Schema, config: Value): Value {
  return mapAttributes(schema.attributes, config, ({ computed }, part) => (computed && part === null ? unknown : part));
}

/** Checks what a handler read: as the state of a resource, and in agreement with the configuration. */
export function checkResult(schema: Schema, raw: unknown, typeName: string, config: Value): CheckedState {
  const { state, bugs } = checkNewState(schema, raw, typeName);
  if (bugs.length > 0) return { state, bugs };
  const path = brokenPromise(schema.type, expectedResult(schema, config), state);
  if (path === undefined) return { state, bugs };
  const place = formatPath(path) || "The result";
  const detail = `${place} differs from the configuration. This is a bug in the provider; please report it.`;
  return { state, bugs: [errorDiagnostic(`Invalid result of ${typeName}`, detail, path)] };
}
