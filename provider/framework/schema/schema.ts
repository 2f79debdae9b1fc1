import { type CtyType, hasDynamicElements } from "../values/cty-type.ts";
import type { Value } from "../values/value.ts";
import { objectType } from "./attribute.ts";
import type { Attributes, AttributesAt, Validator } from "./attribute-types.ts";

/** What a resource or provider block may hold. */
export interface Schema<A extends Attributes = Attributes> {
  /** Raised by one with every change an older state does not fit; see the `upgraders` of a resource. */
  readonly version: number;
  /** Markdown: what the block declares. */
  readonly description: string;
  /** Why the block is deprecated and what to use instead; undefined when it is not. */
  readonly deprecated: string | undefined;
  readonly attributes: A;
  /** Checks over several attributes, such as `conflicting("a", "b")`. They see the whole block. */
  readonly validators: readonly Validator<Value>[];
  /** The object type of the block. */
  readonly type: CtyType;
}

/** What {@link defineSchema} takes. */
export interface SchemaOptions<A extends Attributes> {
  readonly description: string;
  /** Default 0. */
  readonly version?: number;
  readonly deprecated?: string;
  readonly attributes: A;
  readonly validators?: readonly Validator<Value>[];
}

/** The state of a resource: wholly known. Attributes that always have a value are never null. */
export type StateOf<S extends Schema> = AttributesAt<S["attributes"], "state">;
/** What the practitioner wrote, in validation and planning: anything not null may be unknown. */
export type ConfigOf<S extends Schema> = AttributesAt<S["attributes"], "config">;
/** What the practitioner wrote, during apply: wholly known, write-only values included. */
export type KnownConfigOf<S extends Schema> = AttributesAt<S["attributes"], "knownConfig">;
/** The plan while it is being made: anything may be unknown. */
export type PlanOf<S extends Schema> = AttributesAt<S["attributes"], "plan">;
/** The plan during apply: only attributes with `computed` may be unknown. */
export type PlannedOf<S extends Schema> = AttributesAt<S["attributes"], "planned">;

/**
 * Defines what a block may hold.
 *
 * @throws TypeError when Terraform would refuse the schema (a bad attribute name, a write-only attribute that is computed, a dynamic one in a
 * collection), or an attribute has no description.
 */
export function defineSchema<const A extends Attributes>(options: SchemaOptions<A>): Schema<A> {
  checkAttributes(options.attributes, "");
  return {
    version: options.version ?? 0,
    description: options.description,
    deprecated: options.deprecated,
    attributes: options.attributes,
    validators: options.validators ?? [],
    type: objectType(options.attributes),
  };
}

const reservedNames = new Set([
  "count",
  "depends_on",
  "for_each",
  "lifecycle",
  "provider",
  "provisioner",
  "connection",
]);

function checkAttributes(attributes: Attributes, parent: string): void {
  for (const [name, definition] of Object.entries(attributes)) {
    const at = `Attribute ${parent}${name}`;
    if (!/^[a-z_][a-z0-9_]*$/.test(name))
      throw new TypeError(`${at}: a name has lower-case letters, digits and underscores.`);
    if (parent === "" && reservedNames.has(name)) throw new TypeError(`${at}: Terraform keeps this name for itself.`);
    if (definition.description === "") throw new TypeError(`${at} has no description.`);
    if (definition.writeOnly && definition.computed)
      throw new TypeError(`${at}: write-only and computed exclude each other.`);
    if (hasDynamicElements(definition.type))
      throw new TypeError(`${at}: a list, set or map cannot have parts of a dynamic type.`);
    if (definition.nested !== undefined) checkAttributes(definition.nested.attributes, `${parent}${name}.`);
  }
}
