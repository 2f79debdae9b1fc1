import type { Attribute, Attributes, NestingMode } from "../schema/attribute-types.ts";
import type { Schema } from "../schema/schema.ts";
import type { CtyType } from "../values/cty-type.ts";

/** A schema as the plugin protocol describes it: a block with attributes and no nested blocks. */
export interface WireSchema {
  readonly version: number;
  readonly block: WireBlock;
}

export interface WireBlock {
  readonly attributes: readonly WireAttribute[];
  /** Always Markdown. */
  readonly description: string;
  readonly deprecated: boolean;
  /** Why, and what to use instead. */
  readonly deprecationMessage?: string;
}

/** An attribute; exactly one of `type` and `nestedType` is given. */
export interface WireAttribute {
  readonly name: string;
  /** To be sent as JSON text in bytes. */
  readonly type?: CtyType;
  readonly nestedType?: { readonly nesting: NestingMode; readonly attributes: readonly WireAttribute[] };
  /** Always Markdown. */
  readonly description: string;
  readonly required: boolean;
  readonly optional: boolean;
  readonly computed: boolean;
  readonly sensitive: boolean;
  readonly writeOnly: boolean;
  readonly deprecated: boolean;
  readonly deprecationMessage?: string;
}

/** The protocol's description of a schema; attributes in alphabetical order. */
export function wireSchema(schema: Schema): WireSchema {
  const { version, description, deprecated, attributes } = schema;
  return {
    version,
    block: { attributes: wireAttributes(attributes), description, ...wireDeprecation(deprecated) },
  };
}

function wireAttributes(attributes: Attributes): readonly WireAttribute[] {
  return Object.entries(attributes)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, definition]) => wireAttribute(name, definition));
}

function wireAttribute(name: string, definition: Attribute): WireAttribute {
  const { type, nested, description, required, optional, computed, sensitive, writeOnly, deprecated } = definition;
  return {
    name,
    ...(nested === undefined
      ? { type }
      : { nestedType: { nesting: nested.nesting, attributes: wireAttributes(nested.attributes) } }),
    description,
    required,
    optional: optional,
    computed,
    sensitive,
    writeOnly,
    ...wireDeprecation(deprecated),
  };
}

function wireDeprecation(message: string | undefined): Pick<WireBlock, "deprecated" | "deprecationMessage"> {
  return message === undefined ? { deprecated: false } : { deprecated: true, deprecationMessage: message };
}
