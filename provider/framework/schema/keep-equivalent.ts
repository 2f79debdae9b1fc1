import { equalValues } from "../values/compare.ts";
import { isListValue, isObjectValue, isWhollyKnown, type Value } from "../values/value.ts";
import type { Attribute, Attributes } from "./attribute-types.ts";
import { mapNested, mapObject, partOf } from "./attribute-values.ts";

/**
 * A value in which every attribute that means the same as in `known`, by its `equal`, is as it is there, to the letter. So neither a
 * plan nor a state changes for the spelling alone.
 */
export function keepEquivalent(attributes: Attributes, value: Value, known: Value): Value {
  if (!isObjectValue(value) || !isObjectValue(known)) return value;
  return mapObject(attributes, (name, definition) => keepPart(definition, partOf(value, name), partOf(known, name)));
}

function keepPart({ nested, equal }: Attribute, value: Value, known: Value): Value {
  if (value === null || known === null) return value;
  if (equal !== undefined && isWhollyKnown(value) && isWhollyKnown(known)) return equal(value, known) ? known : value;
  if (nested === undefined) return value;
  const { nesting, attributes } = nested;
  if (nesting === "set") return keepElements(attributes, value, known);
  return mapNested(nesting, value, [], (object, _, key) => keepEquivalent(attributes, object, partOf(known, key)));
}

/** In a set, an element that means the same as a known one in every part is that one. */
function keepElements(attributes: Attributes, value: Value, known: Value): Value {
  if (!isListValue(value) || !isListValue(known)) return value;
  const types = Object.fromEntries(Object.entries(attributes).map(([name, { type }]) => [name, type]));
  return value.map(
    (element) =>
      known.find((other) => equalValues(["object", types], keepEquivalent(attributes, element, other), other)) ??
      element,
  );
}
