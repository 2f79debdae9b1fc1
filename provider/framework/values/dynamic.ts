import { formatPath } from "./attribute-path.ts";
import { conform, parseDynamic } from "./conform.ts";
import { type CtyType, equalTypes, type KnownOf, type ShapeOf } from "./cty-type.ts";
import { Dynamic, isDynamic, isObjectValue, type KnownContent, type UnknownValue, type Value } from "./value.ts";

/** What JSON can say, and integers beyond 2^53. */
export type Json = null | boolean | string | number | bigint | readonly Json[] | { readonly [name: string]: Json };

/** Makes and reads the values of `attribute.dynamic`, and the results of functions that return `"dynamic"`. */
export const dynamic = {
  /**
   * A value with the type it is to have in Terraform.
   *
   * @throws TypeError when the value does not have the type
   */
  of: <const T extends CtyType>(type: T, value: KnownOf<T>): Dynamic<KnownContent & KnownOf<T>> => {
    const { value: conformed, mismatches } = conform(type, value, "handler");
    const [mismatch] = mismatches;
    if (mismatch !== undefined) {
      throw new TypeError(`${formatPath(mismatch.path) || "The value"} does not have its type. ${mismatch.message}`);
    }
    return new Dynamic(type, conformed as KnownContent & KnownOf<T>);
  },

  /**
   * What an API answered as JSON, with the type Terraform gives to the same literal: an array is a tuple, an object an object. Where it
   * fits the type of `like`, it gets that type instead: with the prior state there, a list stays a list, and nothing is planned. Null
   * stays null.
   */
  from: (json: Json, like: Dynamic | null = null): Dynamic<KnownContent> | null => {
    if (json === null) return null;
    const asBefore = like === null ? undefined : conform(like.type, json, "handler");
    if (like !== null && asBefore?.mismatches.length === 0) {
      return new Dynamic(like.type, asBefore.value as KnownContent);
    }
    const type = typeOf(json);
    return new Dynamic(type, conform(type, json, "handler").value as KnownContent);
  },

  /** The content where it has this very type, such as `"string"` or `["list", "number"]`, and is typed by it; otherwise undefined. */
  as: <const T extends CtyType, V extends Value>(
    held: Dynamic<V>,
    type: T,
  ): (UnknownValue extends V ? ShapeOf<T, UnknownValue> : KnownOf<T>) | undefined =>
    equalTypes(held.type, type)
      ? (held.value as Value as UnknownValue extends V ? ShapeOf<T, UnknownValue> : KnownOf<T>)
      : undefined,
};

function typeOf(json: Json): CtyType {
  if (json === null) return "dynamic";
  if (typeof json === "string") return "string";
  if (typeof json === "boolean") return "bool";
  if (typeof json !== "object") return "number";
  if (isArray(json)) return ["tuple", json.map(typeOf)];
  return ["object", Object.fromEntries(Object.entries(json).map(([name, member]) => [name, typeOf(member)]))];
}

function isArray(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

/**
 * A value for Terraform, in which what is null or unknown has the type it has in `source`. Terraform tells a null string from a null of
 * no type, which handlers need not: it refuses a plan that takes the type away.
 */
export function keepHoleTypes(type: CtyType, value: Value, source: Value): Value {
  if (type === "dynamic") {
    const held = parseDynamic(source);
    return held !== undefined && !isDynamic(value) && held.value === value ? held : value;
  }
  if (typeof type === "string" || type[0] !== "object" || !isObjectValue(value) || !isObjectValue(source)) return value;
  const kept = Object.entries(value).map(([name, part]) => {
    const inner = type[1][name];
    return [name, inner === undefined ? part : keepHoleTypes(inner, part, source[name] ?? null)] as const;
  });
  return Object.fromEntries(kept);
}
