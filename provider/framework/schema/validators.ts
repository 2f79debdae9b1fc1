import { type Diagnostic, errorDiagnostic } from "../diagnostics/diagnostic.ts";
import { type AttributePath, formatPath } from "../values/attribute-path.ts";
import { parseDurationMs } from "../values/duration.ts";
import { parseInstantMs } from "../values/instant.ts";
import { isListValue, isObjectValue, isUnknown, type ObjectValue, type Value } from "../values/value.ts";
import type { Validator } from "./attribute-types.ts";

/** Allows only the given words. */
export function oneOf(...allowed: readonly string[]): Validator<string> {
  const list = allowed.map((word) => JSON.stringify(word)).join(", ");
  return check((value) => allowed.includes(value), `The value must be one of: ${list}.`);
}

/** Allows everything but the given words. */
export function noneOf(...refused: readonly string[]): Validator<string> {
  const list = refused.map((word) => JSON.stringify(word)).join(", ");
  return check((value) => !refused.includes(value), `The value must be none of: ${list}.`);
}

/** Allows whole URLs with one of these schemes, such as `https`. */
export function urlOf(...schemes: readonly string[]): Validator<string> {
  return check(
    (value) => URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)),
    `The value must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}.`,
  );
}

/** Allows times as RFC 3339 writes them, with a zone. */
export function instant(): Validator<string> {
  return check(
    (value) => parseInstantMs(value) !== undefined,
    "The value must be a time in RFC 3339 form with a zone, such as 2026-01-31T12:00:00Z.",
  );
}

/** Allows lists in which no known element comes twice. Sets need no such check. */
export function uniqueElements(): Validator<readonly unknown[]> {
  const text = (element: unknown): string =>
    JSON.stringify(element, (_key, part) => (typeof part === "bigint" ? String(part) : part));
  return (value, path) => {
    const seen = new Map<string, number>();
    return value.flatMap((element, index) => {
      if (hasUnknown(element)) return [];
      const first = seen.get(text(element));
      seen.set(text(element), first ?? index);
      if (first === undefined) return [];
      const detail = `It repeats ${formatPath([...path, { elementKeyInt: first }])}. Remove one of them.`;
      return [errorDiagnostic("Repeated element", detail, [...path, { elementKeyInt: index }])];
    });
  };
}

/** Allows text of `min` to `max` characters (Unicode code points), both included. */
export function lengthBetween(min: number, max: number): Validator<string> {
  return check((value) => {
    const { length } = [...value];
    return length >= min && length <= max;
  }, `The value must have ${min} to ${max} characters.`);
}

/** Allows text that matches `expression`; `expectation` finishes the sentence "The value must ...". */
export function pattern(expression: RegExp, expectation: string): Validator<string> {
  return check(
    (value) => new RegExp(expression.source, expression.flags.replace(/[gy]/g, "")).test(value),
    `The value must ${expectation}.`,
  );
}

/** Allows durations in Go's form, such as `30s`, `10m` or `1h30m`, from `min` to `max`, both included and in the same form. */
export function durationBetween(min: string, max: string): Validator<string> {
  const [minMs, maxMs] = [min, max].map(parseDurationMs);
  if (minMs === undefined || maxMs === undefined) throw new TypeError(`${min} or ${max} is no duration.`);
  return check((value) => {
    const durationMs = parseDurationMs(value);
    return durationMs !== undefined && durationMs >= minMs && durationMs <= maxMs;
  }, `The value must be a duration such as "30s", "10m" or "1h30m", from ${min} to ${max}.`);
}

/** Allows numbers from `min` to `max`, both included. */
export function numberBetween(min: number, max: number): Validator<number | bigint> {
  return check((value) => value >= min && value <= max, `The value must be between ${min} and ${max}.`);
}

/** Allows lists, sets and maps of `min` to `max` elements, both included. */
export function sizeBetween(
  min: number,
  max: number,
): Validator<readonly unknown[] | { readonly [key: string]: unknown }> {
  return check((value) => {
    const size = Object.keys(value).length;
    return size >= min && size <= max;
  }, `There must be ${min} to ${max} elements.`);
}

/** Applies `validator` to each known, non-null element of a list, set or map of strings, at the element's own path. */
export function eachString(
  validator: Validator<string>,
): Validator<readonly unknown[] | { readonly [key: string]: unknown }> {
  return (value, path) =>
    Object.entries(value).flatMap(([key, element]) => {
      if (typeof element !== "string") return [];
      const step = Array.isArray(value) ? { elementKeyInt: Number(key) } : { elementKeyString: key };
      return validator(element, [...path, step]);
    });
}

/**
 * Of the named attributes of an object, exactly one must be set. Skipped while one of them is unknown and at most one is set.
 * For a nested attribute, or for the whole block as a schema validator.
 */
export function exactlyOneOf(...names: readonly string[]): Validator<Value> {
  return siblings(names, (set, undecided, path) => {
    if (set.length > 1) return tooMany(names, set, path);
    return set.length === 0 && undecided === 0 ? [missing("Exactly one", names, path)] : [];
  });
}

/** Of the named attributes of an object, at least one must be set. Skipped while one of them is unknown. */
export function atLeastOneOf(...names: readonly string[]): Validator<Value> {
  return siblings(names, (set, undecided, path) =>
    set.length === 0 && undecided === 0 ? [missing("At least one", names, path)] : [],
  );
}

/** Of the named attributes of an object, at most one may be set. */
export function conflicting(...names: readonly string[]): Validator<Value> {
  return siblings(names, (set, _undecided, path) => (set.length > 1 ? tooMany(names, set, path) : []));
}

/**
 * When the first attribute of an object is set, the others must be set as well; they may be set without it. Skipped for what is
 * unknown. The diagnostic is at the first attribute.
 */
export function alsoRequires(name: string, ...others: readonly string[]): Validator<Value> {
  return siblings([name, ...others], (set, _undecided, path, given) => {
    const absent = others.filter((other) => !given.includes(other));
    if (!set.includes(name) || absent.length === 0) return [];
    const detail = `With ${quoted([name])}, ${quoted(absent)} must be set as well.`;
    return [errorDiagnostic("Missing attribute", detail, [...path, { attributeName: name }])];
  });
}

/** The named attributes of an object must be set all or not at all. Skipped while one of them is unknown. */
export function requiredTogether(...names: readonly string[]): Validator<Value> {
  return siblings(names, (set, undecided, path) => {
    if (set.length === 0 || undecided > 0 || set.length === names.length) return [];
    const absent = names.filter((name) => !set.includes(name));
    const detail = `With ${quoted(set)}, ${quoted(absent)} must be set as well.`;
    return [errorDiagnostic("Missing attribute", detail, path)];
  });
}

function check<T>(accepts: (value: T) => boolean, expectation: string): Validator<T> {
  return (value, path) =>
    accepts(value) ? [] : [errorDiagnostic(`Invalid value for ${formatPath(path)}`, expectation, path)];
}

type SiblingCheck = (
  set: readonly string[],
  undecided: number,
  path: AttributePath,
  given: readonly string[],
) => readonly Diagnostic[];

function siblings(names: readonly string[], decide: SiblingCheck): Validator<Value> {
  return (value, path) => {
    if (isObjectValue(value) && names.some((name) => name in value)) return decideFor(value, names, path, decide);
    if (isListValue(value)) {
      return value.flatMap((element, index) => ofElement(element, names, [...path, { elementKeyInt: index }], decide));
    }
    if (!isObjectValue(value)) return [];
    return Object.entries(value).flatMap(([key, element]) =>
      ofElement(element, names, [...path, { elementKeyString: key }], decide),
    );
  };
}

function ofElement(
  element: Value,
  names: readonly string[],
  path: AttributePath,
  decide: SiblingCheck,
): readonly Diagnostic[] {
  return isObjectValue(element) ? decideFor(element, names, path, decide) : [];
}

function decideFor(
  value: ObjectValue,
  names: readonly string[],
  path: AttributePath,
  decide: SiblingCheck,
): readonly Diagnostic[] {
  const given = names.filter((name) => (value[name] ?? null) !== null);
  const set = given.filter((name) => !isUnknown(value[name]));
  return decide(set, given.length - set.length, path, given);
}

function tooMany(names: readonly string[], set: readonly string[], path: AttributePath): readonly Diagnostic[] {
  const detail = `Only one of ${quoted(names)} may be set, but ${quoted(set)} are. Remove all but one.`;
  return [errorDiagnostic("Conflicting attributes", detail, path)];
}

function missing(count: string, names: readonly string[], path: AttributePath): Diagnostic {
  return errorDiagnostic("Missing attribute", `${count} of ${quoted(names)} must be set.`, path);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

function hasUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}
