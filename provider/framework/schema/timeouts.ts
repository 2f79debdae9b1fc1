import { parseDurationMs } from "../values/duration.ts";
import { isObjectValue, type Value } from "../values/value.ts";
import { attribute, objectType } from "./attribute.ts";
import type { Attributes } from "./attribute-types.ts";
import type { Schema } from "./schema.ts";
import { durationBetween } from "./validators.ts";

/** What of a resource can be bounded in time. */
export type TimedOperation = "create" | "read" | "update" | "delete";

/** The operations practitioners can bound, each with its default: a duration such as `"10m"`. */
export type TimeoutDefaults = { readonly [Operation in TimedOperation]?: string };

/** The name of the attribute. */
const name = "timeouts";

/**
 * The schema with the conventional `timeouts` attribute.
 *
 * @throws TypeError when the schema has one already, or a default is no duration.
 */
export function withTimeouts(schema: Schema, defaults: TimeoutDefaults): Schema {
  if (Object.hasOwn(schema.attributes, name)) throw new TypeError(`The schema has an attribute ${name} of its own.`);
  const attributes: Attributes = Object.fromEntries(
    Object.entries(defaults).map(([operation, limit]) => {
      if (parseDurationMs(limit) === undefined) throw new TypeError(`timeouts.${operation}: ${limit} is no duration.`);
      const description = `How long a ${operation} may take: a duration such as \`30s\`, \`10m\` or \`1h30m\`. Default: \`${limit}\`.`;
      return [
        operation,
        attribute.string({ optional: true, description, validators: [durationBetween("1ms", "576h")] }),
      ];
    }),
  );
  const description = "How long operations on the resource may take before they are given up.";
  const timeouts = attribute.single({ optional: true, description, attributes });
  const all = { ...schema.attributes, [name]: timeouts };
  return { ...schema, attributes: all, type: objectType(all) };
}

/** A value of a resource, without its time-outs, which concern the framework alone. */
export interface SplitValue {
  readonly own: Value;
  readonly timeouts: Value;
}

/** Takes the time-outs out of a configuration, plan or state. */
export function splitTimeouts({ timeouts: defaults }: Timed, value: Value): SplitValue {
  if (defaults === undefined || !isObjectValue(value)) return { own: value, timeouts: null };
  const { [name]: timeouts = null, ...own } = value;
  return { own, timeouts };
}

/** Puts time-outs back. */
export function joinTimeouts({ timeouts: defaults }: Timed, own: Value, timeouts: Value): Value {
  return defaults === undefined || !isObjectValue(own) ? own : { ...own, [name]: timeouts };
}

type Timed = { readonly timeouts: TimeoutDefaults | undefined };
