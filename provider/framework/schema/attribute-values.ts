import type { AttributePath } from "../values/attribute-path.ts";
import {
  isDynamic,
  isListValue,
  isObjectValue,
  isUnknown,
  type ObjectValue,
  unknown,
  type Value,
} from "../values/value.ts";
import type { Attribute, Attributes, NestingMode } from "./attribute-types.ts";

/** Visits one attribute's value; what it returns takes the value's place. */
export type AttributeVisitor = (definition: Attribute, value: Value, path: AttributePath) => Value;

/**
 * Rebuilds an object, attribute by attribute and from the outside in, nested attributes included. Null and unknown objects stay as
 * they are.
 */
export function mapAttributes(
  attributes: Attributes,
  value: Value,
  visit: AttributeVisitor,
  path: AttributePath = [],
): Value {
  if (!isObjectValue(value)) return value;
  return mapObject(attributes, (name, definition) => {
    const at = [...path, { attributeName: name }];
    const visited = visit(definition, partOf(value, name), at);
    const { nested } = definition;
    if (nested === undefined) return visited;
    return mapNested(nested.nesting, visited, at, (object, inside) =>
      mapAttributes(nested.attributes, object, visit, inside),
    );
  });
}

/** One value per attribute, under the attributes' names. */
export function mapObject(
  attributes: Attributes,
  make: (name: string, definition: Attribute) => Value,
): { readonly [name: string]: Value } {
  return Object.fromEntries(Object.entries(attributes).map(([name, definition]) => [name, make(name, definition)]));
}

/** The key of a nested object within its attribute: a list position, place in a set or map key; undefined in a single one. */
export type NestedKey = string | number | undefined;

/** Rebuilds the objects a nested attribute's value holds, be it one, a list, a set or a map. */
export function mapNested(
  nesting: NestingMode,
  value: Value,
  path: AttributePath,
  change: (object: ObjectValue, path: AttributePath, key: NestedKey) => Value,
): Value {
  if (nesting === "list" && isListValue(value)) {
    return value.map((element, index) =>
      isObjectValue(element) ? change(element, [...path, { elementKeyInt: index }], index) : element,
    );
  }
  if (nesting === "set" && isListValue(value)) {
    const at = [...path, { elementOfSet: true }] as const;
    return value.map((element, index) => (isObjectValue(element) ? change(element, at, index) : element));
  }
  if (!isObjectValue(value)) return value;
  if (nesting === "single") return change(value, path, undefined);
  const changed = Object.entries(value).map(([key, element]) => {
    return [
      key,
      isObjectValue(element) ? change(element, [...path, { elementKeyString: key }], key) : element,
    ] as const;
  });
  return Object.fromEntries(changed);
}

/** A part of a value: an attribute, map element or list element; the value itself for undefined. Absent: null. In unknown: unknown. */
export function partOf(value: Value, key: NestedKey): Value {
  if (key === undefined || isUnknown(value)) return key === undefined ? value : unknown;
  if (typeof key === "number") return isListValue(value) ? (value[key] ?? null) : null;
  return isObjectValue(value) && Object.hasOwn(value, key) ? (value[key] ?? null) : null;
}

/** The part of a value a path leads to; see {@link partOf}. */
export function valueAt(value: Value, path: AttributePath): Value {
  return path.reduce<Value>((part, step) => partOf(part, stepKey(step)), value);
}

/** The value with the part a path leads to replaced. What is not there is not made: the value then stays as it is. */
export function withValueAt(value: Value, path: AttributePath, part: Value): Value {
  const [step, ...rest] = path;
  if (step === undefined) return part;
  const key = stepKey(step);
  if (isListValue(value)) {
    return value.map((element, index) => (index === key ? withValueAt(element, rest, part) : element));
  }
  if (!isObjectValue(value) || typeof key !== "string" || !Object.hasOwn(value, key)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, name === key ? withValueAt(member, rest, part) : member]),
  );
}

/** The definition of the attribute a path leads to, or lies in. Undefined when the schema has no such place. */
export function definitionAt(attributes: Attributes, path: AttributePath): Attribute | undefined {
  let within = attributes;
  let found: Attribute | undefined;
  for (const step of path) {
    if (!("attributeName" in step)) continue;
    found = Object.hasOwn(within, step.attributeName) ? within[step.attributeName] : undefined;
    if (found === undefined) return undefined;
    within = found.nested?.attributes ?? {};
  }
  return found;
}

/** An element of a set cannot be named: there is none under its key. */
function stepKey(step: AttributePath[number]): string | number {
  if ("attributeName" in step) return step.attributeName;
  if ("elementOfSet" in step) return -1;
  return "elementKeyInt" in step ? step.elementKeyInt : step.elementKeyString;
}

/** Sets what must never be recorded to null: the values of write-only attributes. */
export function withoutWriteOnly(attributes: Attributes, value: Value): Value {
  return mapAttributes(attributes, value, (definition, part) => (definition.writeOnly ? null : part));
}

/** The texts and numbers in a value that must never be shown: those of sensitive and write-only attributes, at any depth. */
export function secretsIn(attributes: Attributes, value: Value): readonly string[] {
  const secrets: string[] = [];
  mapAttributes(attributes, value, (definition, part) => {
    if (definition.sensitive || definition.writeOnly) collectTexts(part, secrets);
    return part;
  });
  return secrets;
}

/** Adds every text and number in a value. */
export function collectTexts(value: Value, into: string[]): void {
  if (typeof value === "string") into.push(value);
  else if (typeof value === "number" || typeof value === "bigint") into.push(String(value));
  else if (isDynamic(value)) collectTexts(value.value, into);
  else if (isListValue(value)) for (const element of value) collectTexts(element, into);
  else if (isObjectValue(value)) for (const element of Object.values(value)) collectTexts(element, into);
}
