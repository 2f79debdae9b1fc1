import { conform } from "../values/conform.ts";
import type { CtyType, KnownOf, ShapeOf } from "../values/cty-type.ts";
import type { Dynamic, UnknownValue, Value } from "../values/value.ts";
import type {
  Attribute,
  AttributeMode,
  AttributeOptions,
  Attributes,
  AttributeTypes,
  BoolOptions,
  BoolTypes,
  CollectionOptions,
  CollectionTypes,
  DynamicOptions,
  DynamicTypes,
  NestedOptions,
  NestedTypes,
  NestingMode,
  NumberOptions,
  NumberTypes,
  ObjectTypes,
  StringOptions,
  StringTypes,
  Validator,
} from "./attribute-types.ts";
import type { PlanModifier } from "./plan-modifiers.ts";
import { oneOf } from "./validators.ts";

type AllKeys<T> = T extends unknown ? keyof T : never;
/** Refuses options that do not exist, which a generic parameter would let pass. */
type Exact<O, Allowed> = O & { readonly [K in Exclude<keyof O, AllKeys<Allowed>>]: never };
type Element = { readonly element: CtyType };
type Collection<O, E extends CtyType, Kind extends "list" | "set" | "map"> = Exact<
  O,
  CollectionOptions<CtyType, Kind>
> &
  CollectionOptions<E, Kind>;
type Fields = { readonly fields: { readonly [name: string]: CtyType } };
type ObjectOptions<F extends Fields["fields"]> = {
  /** The fields of the object; each may be null. For fields with descriptions, use `attribute.single`. */
  readonly fields: F;
} & AttributeOptions<ShapeOf<readonly ["object", F], UnknownValue>> &
  AttributeMode<KnownOf<readonly ["object", F]>>;

/**
 * Builds the attributes of a schema. Each says who sets it (`required`, `optional`, `optional` with a `default`, `computed`, or
 * `optional` and `computed`) and has a description; from the options follow the TypeScript types handlers see.
 */
export const attribute = {
  /** Text. With `oneOf`, one of the given words. */
  string: <const O extends StringOptions>(options: Exact<O, StringOptions>): Attribute<StringTypes<O>> =>
    build("string", options, options.oneOf === undefined ? [] : [oneOf(...options.oneOf)]),

  /** A number. Integers beyond 2^53 are refused unless `big` is given. */
  number: <const O extends NumberOptions>(options: Exact<O, NumberOptions>): Attribute<NumberTypes<O>> =>
    build("number", options),

  /** True or false. */
  bool: <const O extends BoolOptions>(options: Exact<O, BoolOptions>): Attribute<BoolTypes<O>> =>
    build("bool", options),

  /**
   * A value of whatever type the practitioner or the provider gives it, together with that type: see {@link Dynamic}. It may stand in an
   * object or in `single`, but in no list, set or map: Terraform has no collection of different types.
   */
  dynamic: <const O extends DynamicOptions>(options: Exact<O, DynamicOptions>): Attribute<DynamicTypes<O>> =>
    build("dynamic", options),

  /** An ordered list of elements of one type. */
  list: <const E extends CtyType, const O extends Element>(
    options: Collection<O, E, "list">,
  ): Attribute<CollectionTypes<O & { element: E }, "list">> => build(["list", options.element], options),

  /** A collection without order or duplicates. */
  set: <const E extends CtyType, const O extends Element>(
    options: Collection<O, E, "set">,
  ): Attribute<CollectionTypes<O & { element: E }, "set">> => build(["set", options.element], options),

  /** Elements of one type under keys the practitioner chooses. */
  map: <const E extends CtyType, const O extends Element>(
    options: Collection<O, E, "map">,
  ): Attribute<CollectionTypes<O & { element: E }, "map">> => build(["map", options.element], options),

  /** An object set as a whole, without descriptions or options of its own fields. */
  object: <const O extends Fields>(
    options: Exact<O, ObjectOptions<Fields["fields"]>> & ObjectOptions<O["fields"]>,
  ): Attribute<ObjectTypes<O>> => build(["object", options.fields], options),

  /** One object with attributes of its own. */
  single: <const O extends NestedOptions>(options: Exact<O, NestedOptions>): Attribute<NestedTypes<O, "single">> =>
    buildNested("single", options),

  /** A list of objects with attributes of their own. */
  nestedList: <const O extends NestedOptions>(options: Exact<O, NestedOptions>): Attribute<NestedTypes<O, "list">> =>
    buildNested("list", options),

  /** A set of objects with attributes of their own. Two of them are told apart by what is configured of each. */
  nestedSet: <const O extends NestedOptions>(options: Exact<O, NestedOptions>): Attribute<NestedTypes<O, "set">> =>
    buildNested("set", options),

  /** Objects with attributes of their own, under keys the practitioner chooses. */
  nestedMap: <const O extends NestedOptions>(options: Exact<O, NestedOptions>): Attribute<NestedTypes<O, "map">> =>
    buildNested("map", options),
};

/** The object type that attributes add up to. */
export function objectType(attributes: Attributes): CtyType {
  return ["object", Object.fromEntries(Object.entries(attributes).map(([name, { type }]) => [name, type]))];
}

/** The options of any kind of attribute, without their types. */
interface AnyOptions {
  readonly description: string;
  readonly required?: true;
  readonly optional?: true;
  readonly computed?: true;
  readonly nullable?: true;
  readonly sensitive?: true;
  readonly writeOnly?: true;
  readonly big?: true;
  readonly deprecated?: string;
  readonly default?: Value;
  readonly planModifiers?: readonly PlanModifier[];
  readonly validators?: readonly Validator<never>[];
  readonly equal?: (one: never, other: never) => boolean;
}

function buildNested<T extends AttributeTypes>(
  nesting: NestingMode,
  options: AnyOptions & { readonly attributes: Attributes },
): Attribute<T> {
  const inner = objectType(options.attributes);
  const type: CtyType = nesting === "single" ? inner : [nesting, inner];
  return build(type, options, [], { nesting, attributes: options.attributes });
}

function build<T extends AttributeTypes>(
  type: CtyType,
  options: AnyOptions,
  validators: readonly Validator<string>[] = [],
  nested: Attribute["nested"] = undefined,
): Attribute<T> {
  if (options.default !== undefined && conform(type, options.default, "handler").mismatches.length > 0) {
    throw new TypeError(`The default of an attribute does not have its type: ${options.description}`);
  }
  return {
    type,
    nested,
    required: options.required === true,
    optional: options.optional === true,
    computed: options.computed === true || options.default !== undefined,
    nullable:
      options.nullable === true || (options.optional === true && !options.computed && options.default === undefined),
    sensitive: options.sensitive === true,
    writeOnly: options.writeOnly === true,
    big: options.big === true,
    description: options.description,
    deprecated: options.deprecated,
    default: options.default,
    equal: options.equal && eraseEqual(options.equal),
    planModifiers: options.planModifiers ?? [],
    validators: [...validators, ...(options.validators ?? [])].map(eraseValidator),
  };
}

/** The framework calls a validator only with a conformed value of the attribute's own type: the one place that relies on it. */
function eraseValidator<T>(validator: Validator<T>): Validator<Value> {
  return (value, path) => validator(value as T, path);
}

/** The same for `equal`. */
function eraseEqual<T>(equal: (one: T, other: T) => boolean): (one: Value, other: Value) => boolean {
  return (one, other) => equal(one as T, other as T);
}
