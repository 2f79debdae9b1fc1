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
 * Any value Terraform and a provider exchange. Lists, sets and tuples are arrays; maps and objects are plain objects.
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
  | readonly Value[]
  | { readonly [name: string]: Value };

/** A map or object inside {@link Value}. */
export interface ObjectValue {
  readonly [name: string]: Value;
}

/** Whether `value` is a map or an object: not null, not unknown, not a list. */
export function isObjectValue(value: Value): value is ObjectValue {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isUnknown(value);
}

/** Whether `value` is a list, set or tuple. */
export function isListValue(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether nothing in `value`, at any depth, is unknown. */
export function isWhollyKnown(value: Value): boolean {
  if (isUnknown(value)) return false;
  if (isListValue(value)) return value.every(isWhollyKnown);
  if (isObjectValue(value)) return Object.values(value).every(isWhollyKnown);
  return true;
}
