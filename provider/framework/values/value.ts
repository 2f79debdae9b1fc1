import type { CtyType } from "./cty-type.ts";

/**
 * The stand-in for a value that is decided only during apply. There is exactly one instance, {@link unknown}, so that
 * `value === unknown` and {@link isUnknown} agree.
 */
export class UnknownValue {
  /** Makes the class nominal: no other object is assignable to it. */
  readonly #isUnknown = true;

  /** Whether `value` is an instance of this class. */
  static is(value: unknown): value is UnknownValue {
    return typeof value === "object" && value !== null && #isUnknown in value;
  }

  toString(): string {
    return "(known after apply)";
  }

  /** Makes an accidental `JSON.stringify` of an unknown value fail loudly instead of writing `{}`. */
  toJSON(): never {
    throw new TypeError("A value that is known only after apply has no JSON form.");
  }
}

/** The unknown value ("known after apply"). Frozen; the only one there is. */
export const unknown = new UnknownValue();
Object.freeze(unknown);

/** Whether `value` itself is unknown. Says nothing about what lies inside a list, map or object. */
export function isUnknown(value: unknown): value is UnknownValue {
  return UnknownValue.is(value);
}

/**
 * A value together with its type, as `attribute.dynamic` and `parameter.dynamic` have it: neither null nor unknown, though parts of it
 * may be. Made by `dynamic.of` and `dynamic.from`, read by `dynamic.as`.
 */
export class Dynamic<V extends Value = Value> {
  /** Makes the class nominal: an object with the same members is an ordinary value. */
  readonly #isDynamic = true;
  readonly type: CtyType;
  /** The value as `type` shapes it. */
  readonly value: V;

  /** Takes the value as it is; `dynamic.of` checks that it has its type. */
  constructor(type: CtyType, value: V) {
    this.type = type;
    this.value = value;
  }

  /** Whether `value` is an instance of this class. */
  static is(value: unknown): value is Dynamic {
    return typeof value === "object" && value !== null && #isDynamic in value;
  }
}

/** What a wholly known {@link Dynamic} holds. */
export type KnownContent =
  | boolean
  | string
  | number
  | bigint
  | readonly (KnownContent | null)[]
  | { readonly [name: string]: KnownContent | null };

/** Whether `value` is a value together with its type. */
export function isDynamic(value: unknown): value is Dynamic {
  return Dynamic.is(value);
}

/**
 * Any value Terraform and a provider exchange. Lists, sets and tuples are arrays; maps and objects are plain objects;
 * what has a type of its own is a {@link Dynamic}.
 * Integers beyond `Number.MAX_SAFE_INTEGER` are `bigint`, every other number is `number`.
 *
 * A codec must write a number with a fraction as its decimal text (`String(value)`): Terraform compares numbers with 512 bits
 * of precision, and the binary64 reading of `0.1` is not the 0.1 a practitioner wrote.
 */
export type Value =
  | null
  | boolean
  | string
  | number
  | bigint
  | UnknownValue
  | Dynamic
  | readonly Value[]
  | { readonly [name: string]: Value };

/** A map or object inside {@link Value}. */
export interface ObjectValue {
  readonly [name: string]: Value;
}

/** Whether `value` is a map or an object: not null, not unknown, not a list, not with a type of its own. */
export function isObjectValue(value: Value): value is ObjectValue {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isUnknown(value) && !isDynamic(value);
}

/** Whether `value` is a list, set or tuple. */
export function isListValue(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether nothing in `value`, at any depth, is unknown. */
export function isWhollyKnown(value: Value): boolean {
  if (isUnknown(value)) return false;
  if (isDynamic(value)) return isWhollyKnown(value.value);
  if (isListValue(value)) return value.every(isWhollyKnown);
  if (isObjectValue(value)) return Object.values(value).every(isWhollyKnown);
  return true;
}
