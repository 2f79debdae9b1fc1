import { formatPath } from "./attribute-path.ts";
import { mapAttributes } from "./attribute-values.ts";
import { brokenPromise } from "./compare.ts";
import { errorDiagnostic } from "./diagnostic.ts";
import { type CheckedState, checkNewState } from "./new-state.ts";
import type { Schema } from "./schema.ts";
import { unknown, type Value } from "./value.ts";

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
