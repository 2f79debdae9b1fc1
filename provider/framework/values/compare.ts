import type { AttributePath } from "./attribute-path.ts";
import { type CtyType, equalTypes, fitsType } from "./cty-type.ts";
import { isDynamic, isListValue, isObjectValue, isUnknown, isWhollyKnown, type Value } from "./value.ts";

/** Whether two conformed values of a type are the same; sets regardless of order. Unknown equals only unknown. */
export function equalValues(type: CtyType, one: Value, other: Value): boolean {
  return firstDifference(type, one, other, { path: [], unknownMatches: false }) === undefined;
}

/**
 * Where `actual` is not what `planned` promised, the first place found; an unknown part of `planned` promises nothing.
 * Undefined when every promise was kept.
 */
export function brokenPromise(type: CtyType, planned: Value, actual: Value): AttributePath | undefined {
  return firstDifference(type, planned, actual, { path: [], unknownMatches: true });
}

interface Place {
  readonly path: AttributePath;
  readonly unknownMatches: boolean;
}

function firstDifference(type: CtyType, one: Value, other: Value, place: Place): AttributePath | undefined {
  if (isUnknown(one)) return place.unknownMatches || isUnknown(other) ? undefined : place.path;
  if (isDynamic(one) && isDynamic(other)) {
    const isSameType = place.unknownMatches ? fitsType(one.type, other.type) : equalTypes(one.type, other.type);
    return isSameType ? firstDifference(other.type, one.value, other.value, place) : place.path;
  }
  if (isListValue(one) && isListValue(other) && typeof type !== "string" && type[0] === "tuple") {
    return differenceInList((index) => type[1][index] ?? "dynamic", one, other, place);
  }
  if (
    isListValue(one) &&
    isListValue(other) &&
    typeof type !== "string" &&
    type[0] !== "object" &&
    type[0] !== "tuple"
  ) {
    return type[0] === "set"
      ? differenceInSet(type[1], one, other, place)
      : differenceInList(() => type[1], one, other, place);
  }
  if (isObjectValue(one) && isObjectValue(other) && typeof type !== "string") {
    const keys = Object.keys(one);
    if (keys.length !== Object.keys(other).length || keys.some((key) => !Object.hasOwn(other, key))) return place.path;
    for (const key of keys) {
      const inner = memberType(type, key);
      const step = type[0] === "object" ? { attributeName: key } : { elementKeyString: key };
      const at = { ...place, path: [...place.path, step] };
      const found = inner === undefined ? at.path : firstDifference(inner, one[key] ?? null, other[key] ?? null, at);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return one === other ? undefined : place.path;
}

/** The type of what an object or map type has under a name. */
function memberType(type: Exclude<CtyType, string>, name: string): CtyType | undefined {
  if (type[0] === "object") return type[1][name];
  return type[0] === "tuple" ? undefined : type[1];
}

function differenceInList(
  elementAt: (index: number) => CtyType,
  one: readonly Value[],
  other: readonly Value[],
  place: Place,
): AttributePath | undefined {
  if (one.length !== other.length) return place.path;
  for (const [index, part] of one.entries()) {
    const at = { ...place, path: [...place.path, { elementKeyInt: index }] };
    const found = firstDifference(elementAt(index), part, other[index] ?? null, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

function differenceInSet(
  element: CtyType,
  one: readonly Value[],
  other: readonly Value[],
  place: Place,
): AttributePath | undefined {
  if (place.unknownMatches && !one.every(isWhollyKnown)) return undefined;
  const within = (part: Value, set: readonly Value[]): boolean =>
    set.some((member) => equalValues(element, part, member));
  const same = one.every((part) => within(part, other)) && other.every((part) => within(part, one));
  return same ? undefined : place.path;
}
