import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { AttributePath } from "../values/attribute-path.ts";
import type { CtyType, KnownOf, ShapeOf } from "../values/cty-type.ts";
import type { Dynamic, KnownContent, UnknownValue, Value } from "../values/value.ts";
import type { PlanModifier } from "./plan-modifiers.ts";

/**
 * Checks one known, non-null value of a configuration and returns what is wrong with it (nothing: an empty array). Parts of a
 * list, map or object may be unknown; a validator must not complain about those.
 */
export type Validator<T> = (value: T, path: AttributePath) => readonly Diagnostic[];

/** The types of one attribute's value at each stage of a resource's life. */
export interface AttributeTypes {
  /** In state: wholly known. */
  readonly state: unknown;
  /** As written by the practitioner; anything may be unknown. */
  readonly config: unknown;
  /** As written by the practitioner, seen during apply: wholly known. */
  readonly knownConfig: unknown;
  /** While planning: anything may be unknown. */
  readonly plan: unknown;
  /** During apply: only what the provider computes may be unknown. */
  readonly planned: unknown;
}

/** How the attributes of a nested attribute are held. */
export type NestingMode = "single" | "list" | "set" | "map";

/** Attributes by name. */
export interface Attributes {
  readonly [name: string]: Attribute;
}

/** One attribute of a schema, as `attribute` builds it. */
export interface Attribute<T extends AttributeTypes = AttributeTypes> {
  /** The type on the wire; of a nested attribute, the object, list or map type it implies. */
  readonly type: CtyType;
  readonly nested: { readonly nesting: NestingMode; readonly attributes: Attributes } | undefined;
  readonly required: boolean;
  readonly optional: boolean;
  /** The provider may set it: `computed` was given, or a default. */
  readonly computed: boolean;
  readonly nullable: boolean;
  readonly sensitive: boolean;
  readonly writeOnly: boolean;
  /** Whether numbers beyond 2^53 are allowed. */
  readonly big: boolean;
  readonly description: string;
  /** Why it is deprecated and what to use; undefined when it is not. */
  readonly deprecated: string | undefined;
  readonly default: Value | undefined;
  /** Whether two known values mean the same; undefined when only equal ones do. */
  readonly equal: ((one: Value, other: Value) => boolean) | undefined;
  readonly planModifiers: readonly PlanModifier[];
  readonly validators: readonly Validator<Value>[];
  /** Exists for the type checker only. */
  readonly "~types"?: T;
}

/** Who sets an attribute, in exactly one of four forms. */
export type AttributeMode<T> =
  | { readonly required: true; readonly optional?: never; readonly computed?: never; readonly default?: never }
  | { readonly optional: true; readonly required?: never; readonly computed?: true; readonly default?: never }
  | { readonly optional: true; readonly required?: never; readonly computed?: never; readonly default: T }
  | { readonly computed: true; readonly required?: never; readonly optional?: never; readonly default?: never };

/** What every attribute can say. */
export interface AttributeOptions<T> {
  /** Markdown, as shown in documentation: what it is, units, bounds, default. */
  readonly description: string;
  /**
   * Allows null in state where the attribute would otherwise always have a value there: a computed attribute that may be absent,
   * or a required one that an import cannot know. An optional attribute without default is nullable anyway.
   */
  readonly nullable?: true;
  /** Hidden in Terraform's output and withheld from diagnostics. */
  readonly sensitive?: true;
  /** Given to the provider during apply, and never kept in plan or state. */
  readonly writeOnly?: true;
  /** Why it is deprecated and what to use instead; using it is answered with a warning. */
  readonly deprecated?: string;
  readonly planModifiers?: readonly PlanModifier[];
  readonly validators?: readonly Validator<T>[];
  /**
   * Whether two values mean the same, such as `1h` and `60m`: `sameDuration`, `sameInstant`, `sameUrl` or a function of your own. A
   * configuration that means the same as the state is no change, and the text known before stays, also when the world has another.
   * Called with known values only.
   */
  equal?(one: T, other: T): boolean;
}

export type StringOptions = AttributeOptions<string> &
  AttributeMode<string> & {
    /** The only values allowed; they become the attribute's literal type. */
    readonly oneOf?: readonly string[];
  };
export type NumberOptions = AttributeOptions<number | bigint> &
  AttributeMode<number> & {
    /** Also allows integers beyond 2^53, which are then `bigint`; otherwise they are refused. */
    readonly big?: true;
  };
export type BoolOptions = AttributeOptions<boolean> & AttributeMode<boolean>;
export type DynamicOptions = AttributeOptions<Dynamic> & AttributeMode<Dynamic<KnownContent>>;
export type CollectionOptions<E extends CtyType, Kind extends "list" | "set" | "map"> = {
  /** The type of each element. */
  readonly element: E;
} & AttributeOptions<ShapeOf<readonly [Kind, E], UnknownValue>> &
  AttributeMode<KnownOf<readonly [Kind, E]>>;
export type NestedOptions = {
  /** The attributes of the object, or of each object. */
  readonly attributes: Attributes;
} & AttributeOptions<Value> &
  AttributeMode<never>;

/** The types an attribute's options and the shapes of its values add up to. */
export interface Facets<O, S extends AttributeTypes> extends AttributeTypes {
  readonly state: O extends { writeOnly: true } ? null : S["state"] | NullInState<O>;
  readonly config: O extends CallerSet ? S["config"] | UnknownValue | NullInConfig<O> : null;
  readonly knownConfig: O extends CallerSet ? S["knownConfig"] | NullInConfig<O> : null;
  readonly plan: O extends { writeOnly: true } ? null : S["plan"] | UnknownValue | NullInPlan<O>;
  readonly planned: O extends { writeOnly: true }
    ? null
    : O extends { computed: true }
      ? S["planned"] | UnknownValue | NullInPlan<O>
      : S["planned"] | NullInPlan<O>;
}

type CallerSet = { required: true } | { optional: true };
type AlwaysSet = { required: true } | { computed: true } | { default: unknown };
type NullInState<O> = O extends AlwaysSet ? (O extends { nullable: true } ? null : never) : null;
type NullInPlan<O> = O extends { required: true } ? never : NullInState<O>;
type NullInConfig<O> = O extends { required: true } ? never : null;

interface Same<Known, Partly> extends AttributeTypes {
  readonly state: Known;
  readonly config: Partly;
  readonly knownConfig: Known;
  readonly plan: Partly;
  readonly planned: Known;
}
/** The types of a string attribute with options `O`. */
export type StringTypes<O> = Facets<
  O,
  O extends { oneOf: readonly (infer L extends string)[] } ? Same<L, L> : Same<string, string>
>;
/** The types of a number attribute with options `O`. */
export type NumberTypes<O> = Facets<
  O,
  O extends { big: true } ? Same<number | bigint, number | bigint> : Same<number, number>
>;
/** The types of a bool attribute with options `O`. */
export type BoolTypes<O> = Facets<O, Same<boolean, boolean>>;
/** The types of a dynamic attribute with options `O`. */
export type DynamicTypes<O> = Facets<O, Same<Dynamic<KnownContent>, Dynamic>>;
/** The types of a list, set or map attribute with options `O`. */
export type CollectionTypes<O extends { element: CtyType }, Kind extends "list" | "set" | "map"> = Facets<
  O,
  Same<KnownOf<readonly [Kind, O["element"]]>, ShapeOf<readonly [Kind, O["element"]], UnknownValue>>
>;
/** The types of an object attribute with options `O`. */
export type ObjectTypes<O extends { fields: { readonly [name: string]: CtyType } }> = Facets<
  O,
  Same<KnownOf<readonly ["object", O["fields"]]>, ShapeOf<readonly ["object", O["fields"]], UnknownValue>>
>;
/** The type of an object with the attributes `A` at the stage `Stage`. */
export type AttributesAt<A extends Attributes, Stage extends keyof AttributeTypes> = {
  readonly [K in keyof A]: A[K] extends Attribute<infer T> ? T[Stage] : never;
};
interface Single<A extends Attributes> extends AttributeTypes {
  readonly state: AttributesAt<A, "state">;
  readonly config: AttributesAt<A, "config">;
  readonly knownConfig: AttributesAt<A, "knownConfig">;
  readonly plan: AttributesAt<A, "plan">;
  readonly planned: AttributesAt<A, "planned">;
}
interface ListOf<A extends Attributes> extends AttributeTypes {
  readonly state: readonly AttributesAt<A, "state">[];
  readonly config: readonly (AttributesAt<A, "config"> | UnknownValue)[];
  readonly knownConfig: readonly AttributesAt<A, "knownConfig">[];
  readonly plan: readonly (AttributesAt<A, "plan"> | UnknownValue)[];
  readonly planned: readonly AttributesAt<A, "planned">[];
}
interface MapOf<A extends Attributes> extends AttributeTypes {
  readonly state: { readonly [key: string]: AttributesAt<A, "state"> };
  readonly config: { readonly [key: string]: AttributesAt<A, "config"> | UnknownValue };
  readonly knownConfig: { readonly [key: string]: AttributesAt<A, "knownConfig"> };
  readonly plan: { readonly [key: string]: AttributesAt<A, "plan"> | UnknownValue };
  readonly planned: { readonly [key: string]: AttributesAt<A, "planned"> };
}
/** The types of a nested attribute with options `O`. */
export type NestedTypes<O extends { attributes: Attributes }, Mode extends NestingMode> = Facets<
  O,
  Mode extends "single"
    ? Single<O["attributes"]>
    : Mode extends "list" | "set"
      ? ListOf<O["attributes"]>
      : MapOf<O["attributes"]>
>;
