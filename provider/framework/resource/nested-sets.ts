/**
 * Sets of objects have no keys. What was configured tells which element of a configuration is which element of a state: an element
 * that is configured as it was before keeps what the provider had computed for it.
 */
import type { Attributes } from "../schema/attribute-types.ts";
import { mapNested, mapObject, partOf } from "../schema/attribute-values.ts";
import { equalValues } from "../values/compare.ts";
import { isListValue, isObjectValue, isUnknown, type Value } from "../values/value.ts";
import type { PlanInput } from "./plan-state.ts";

/**
 * The elements of `state` in the order of the configured ones they belong to, null for a new one; each is used once. The element
 * configured in most detail chooses first.
 */
export function matchElements(attributes: Attributes, config: Value, state: Value): Value {
  if (!isListValue(config)) return null;
  const free = new Set(isListValue(state) ? state : []);
  const matched = new Map<number, Value>();
  const bySize = [...config.entries()].sort(([, one], [, other]) => configuredParts(other) - configuredParts(one));
  for (const [index, element] of bySize) {
    const found = [...free].find((candidate) => isConfiguredAs(attributes, element, candidate));
    if (found === undefined) continue;
    free.delete(found);
    matched.set(index, found);
  }
  return config.map((_, index) => matched.get(index) ?? null);
}

/** The planned value with each set of objects in the order of its configuration. */
export function orderSets(attributes: Attributes, { config, prior, planned }: PlanInput): Value {
  if (!isObjectValue(planned)) return planned;
  return mapObject(attributes, (name, { nested }) => {
    const part = { config: partOf(config, name), prior: partOf(prior, name), planned: partOf(planned, name) };
    if (nested === undefined || !isKnownPart(part.config)) return part.planned;
    const { nesting, attributes: inner } = nested;
    if (nesting === "set") return merge(inner, part.config, matchElements(inner, part.config, part.prior));
    return mapNested(nesting, part.planned, [], (object, _, key) =>
      orderSets(inner, { config: partOf(part.config, key), prior: partOf(part.prior, key), planned: object }),
    );
  });
}

/** Terraform's merge of configured elements with those they were before, element by element. */
function merge(attributes: Attributes, config: Value, prior: Value): Value {
  if (!isListValue(config)) return config;
  return config.map((element, index) => mergeObject(attributes, element, partOf(prior, index)));
}

function mergeObject(attributes: Attributes, config: Value, prior: Value): Value {
  if (!isObjectValue(config)) return config;
  return mapObject(attributes, (name, { computed, nested }) => {
    const wanted = partOf(config, name);
    const before = partOf(prior, name);
    if (wanted === null) return computed ? before : null;
    if (nested === undefined || isUnknown(wanted)) return wanted;
    if (nested.nesting === "set") {
      return merge(nested.attributes, wanted, matchElements(nested.attributes, wanted, before));
    }
    return mapNested(nested.nesting, wanted, [], (object, _, key) =>
      mergeObject(nested.attributes, object, partOf(before, key)),
    );
  });
}

/** Whether a state has everything an element configures; what the provider may decide, it need not. */
function isConfiguredAs(attributes: Attributes, config: Value, state: Value): boolean {
  if (!isObjectValue(config) || !isObjectValue(state)) return false;
  return Object.entries(attributes).every(([name, { type, nested, computed, writeOnly, equal, ...definition }]) => {
    const wanted = partOf(config, name) ?? definition.default ?? null;
    const before = partOf(state, name);
    if (writeOnly) return true;
    if (wanted === null) return computed || before === null;
    if (nested === undefined) return equalValues(type, wanted, before) || isEquivalent(equal, wanted, before);
    const match = (part: Value, key: string | number | undefined): boolean =>
      isConfiguredAs(nested.attributes, part, partOf(before, key));
    if (nested.nesting === "single") return match(wanted, undefined);
    if (isListValue(wanted)) {
      if (!isListValue(before) || before.length !== wanted.length) return false;
      if (nested.nesting === "list") return wanted.every(match);
      const matched = matchElements(nested.attributes, wanted, before);
      return isListValue(matched) && !matched.includes(null);
    }
    if (!isObjectValue(wanted) || !isObjectValue(before)) return false;
    if (Object.keys(wanted).length !== Object.keys(before).length) return false;
    return Object.entries(wanted).every(([key, part]) => match(part, key));
  });
}

function isEquivalent(
  equal: ((one: Value, other: Value) => boolean) | undefined,
  wanted: Value,
  before: Value,
): boolean {
  return before !== null && !isUnknown(wanted) && equal?.(wanted, before) === true;
}

function configuredParts(element: Value): number {
  return isObjectValue(element) ? Object.values(element).filter((part) => part !== null).length : 0;
}

function isKnownPart(value: Value): boolean {
  return value !== null && !isUnknown(value);
}
