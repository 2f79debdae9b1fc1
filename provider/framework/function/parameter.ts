import type { Validator } from "../schema/attribute-types.ts";
import type { CtyType, ShapeOf } from "../values/cty-type.ts";
import type { UnknownValue, Value } from "../values/value.ts";

/** What every parameter can say. */
export interface ParameterOptions<Name extends string, T> {
  /** How documentation calls it, and the handler gets it: letters, digits and underscores. */
  readonly name: Name;
  /** Markdown: what it is. */
  readonly description: string;
  /** Lets null through to the function; Terraform refuses it otherwise. */
  readonly nullable?: true;
  /**
   * Lets values through that are known only after apply, as a whole or in part. Otherwise the function is not called for them, and its
   * result is known after apply, too.
   */
  readonly allowUnknown?: true;
  /** Checks of the value, as for attributes; what they find is shown at the argument. */
  readonly validators?: readonly Validator<T>[];
}

/** A parameter of a function, as `parameter` builds it. */
export interface Parameter<Name extends string = string, T = unknown> {
  readonly name: Name;
  readonly type: CtyType;
  readonly nullable: boolean;
  readonly allowUnknown: boolean;
  /** Whether numbers beyond 2^53 are allowed. */
  readonly big: boolean;
  /** Whether elements of maps that are null are left out. */
  readonly omitsNulls: boolean;
  readonly description: string;
  readonly validators: readonly Validator<Value>[];
  /** Exists for the type checker only. */
  readonly "~type"?: T;
}

type Nulls<O> = O extends { nullable: true } ? null : never;
type Unknowns<O> = O extends { allowUnknown: true } ? UnknownValue : never;
/** What holes the inside of a collection or object may have. */
type Hole<O> = O extends { allowUnknown: true } ? UnknownValue : null;
/** The type a handler sees, of a parameter with options `O` whose values are `T`. */
type Argument<O, T> = T | Nulls<O> | Unknowns<O>;
type Options<T> = ParameterOptions<string, T>;
type Of<O extends { readonly name: string }, T> = Parameter<O["name"], Argument<O, T>>;
type Collected<Kind extends "list" | "set" | "map", E extends CtyType, O> = ShapeOf<readonly [Kind, E], Hole<O>>;
type ElementOption<E extends CtyType> = {
  /** The type of each element; elements are never null. */
  readonly element: E;
};
type OmitsNullsOption = {
  /**
   * Leaves out elements that are null, at any depth, instead of refusing them: for what people also write as an object with optional
   * attributes.
   */
  readonly omitsNulls?: true;
};
type FieldsOption<F> = {
  /** The fields of the object; each may be null. */
  readonly fields: F;
};
type FieldTypes = { readonly [name: string]: CtyType };

/** Builds the parameters of a function; from them follow the TypeScript types of its arguments. */
export const parameter = {
  /** Text. */
  string: <const O extends Options<string>>(options: O): Of<O, string> => build("string", options),

  /** A number. Integers beyond 2^53 are refused unless `big` is given; they are then `bigint`. */
  number: <const O extends Options<number | bigint> & { readonly big?: true }>(
    options: O,
  ): Of<O, O extends { big: true } ? number | bigint : number> => build("number", options),

  /** True or false. */
  bool: <const O extends Options<boolean>>(options: O): Of<O, boolean> => build("bool", options),

  /** A value of any type, together with that type. */
  dynamic: <const O extends Options<ShapeOf<"dynamic", UnknownValue>>>(
    options: O,
  ): Of<O, ShapeOf<"dynamic", Hole<O>>> => build("dynamic", options),

  /** An ordered list of elements of one type. */
  list: <const E extends CtyType, const O extends Options<readonly unknown[]>>(
    options: O & ElementOption<E>,
  ): Of<O, Collected<"list", E, O>> => build(["list", options.element], options),

  /** A collection without order or duplicates. */
  set: <const E extends CtyType, const O extends Options<readonly unknown[]>>(
    options: O & ElementOption<E>,
  ): Of<O, Collected<"set", E, O>> => build(["set", options.element], options),

  /** Elements of one type under keys the practitioner chooses. */
  map: <const E extends CtyType, const O extends Options<{ readonly [key: string]: unknown }>>(
    options: O & ElementOption<E> & OmitsNullsOption,
  ): Of<O, Collected<"map", E, O>> => build(["map", options.element], options),

  /** An object. */
  object: <const F extends FieldTypes, const O extends Options<{ readonly [name: string]: unknown }>>(
    options: O & FieldsOption<F>,
  ): Of<O, ShapeOf<readonly ["object", F], Hole<O>>> => build(["object", options.fields], options),
};

/** The options of any kind of parameter, without their types. */
type AnyOptions<Name extends string> = Omit<ParameterOptions<Name, never>, "validators"> & {
  readonly big?: true;
  readonly omitsNulls?: true;
  readonly validators?: readonly Validator<never>[];
};

function build<Name extends string, T>(type: CtyType, options: AnyOptions<Name>): Parameter<Name, T> {
  const { name, description, validators = [] } = options;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new TypeError(`Parameter ${name}: a name has letters, digits and underscores.`);
  }
  if (description === "") throw new TypeError(`Parameter ${name} has no description.`);
  return {
    name,
    type,
    nullable: options.nullable === true,
    allowUnknown: options.allowUnknown === true,
    big: options.big === true,
    omitsNulls: options.omitsNulls === true,
    description,
    validators: validators.map(eraseValidator),
  };
}

/** A validator is called only with a conformed value of the parameter's own type: the one place that relies on it. */
function eraseValidator(validator: Validator<never>): Validator<Value> {
  return (value, path) => validator(value as never, path);
}
