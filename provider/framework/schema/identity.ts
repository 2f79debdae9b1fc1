import type { CtyType, KnownOf } from "../values/cty-type.ts";
import type { ObjectValue, Value } from "../values/value.ts";
import type { Schema, StateOf } from "./schema.ts";

/** The types an attribute of an identity may have: a scalar, or a list of scalars. */
export type IdentityType = "string" | "number" | "bool" | readonly ["list", "string" | "number" | "bool"];

/** One attribute of an identity. A practitioner who imports by identity either must name it or may leave it out. */
export type IdentityAttribute = {
  readonly type: IdentityType;
  /** Markdown. */
  readonly description: string;
} & (
  | { readonly requiredForImport: true; readonly optionalForImport?: never }
  | { readonly optionalForImport: true; readonly requiredForImport?: never }
);

/** The attributes of an identity by name. */
export interface IdentityAttributes {
  readonly [name: string]: IdentityAttribute;
}

/** An identity with the attributes `A`; what may be left out of an import may be null. */
export type IdentityOf<A extends IdentityAttributes> = {
  readonly [K in keyof A]: KnownOf<A[K]["type"]> | (A[K] extends { optionalForImport: true } ? null : never);
};

/** Turns an identity of an older version into one of a newer version. */
export interface IdentityUpgrader {
  /** The version of the identities this takes. */
  readonly from: number;
  /** Takes the identity as it lies in the state file; makes one of version `from + 1`. Pure. */
  readonly upgrade: (identity: ObjectValue) => ObjectValue;
}

/** What {@link defineIdentity} takes. */
export interface IdentityOptions<S extends Schema, A extends IdentityAttributes> {
  /** The schema of the resource. */
  readonly schema: S;
  /** Raised by one with every change an older identity does not fit. Default 0. */
  readonly version?: number;
  readonly attributes: A;
  /** The identity of a resource. It must stay the same for as long as the resource lives. */
  of(state: StateOf<S>): IdentityOf<A>;
  /** The id by which `importState` finds the resource of this identity. */
  importId(identity: IdentityOf<A>): string;
  /** Allows the identity to change while the resource lives; otherwise a change is refused as a bug in the provider. */
  readonly mutable?: true;
  /** One from each older version. */
  readonly upgraders?: readonly IdentityUpgrader[];
}

/** How a resource type identifies its resources, as {@link defineIdentity} returns it. */
export interface Identity<in S extends Schema = never> {
  readonly version: number;
  readonly attributes: IdentityAttributes;
  /** The object type of an identity. */
  readonly type: CtyType;
  readonly of: (state: Value) => unknown;
  readonly importId: (identity: Value) => string;
  readonly mutable: boolean;
  readonly upgraders: readonly IdentityUpgrader[];
  /** Exists for the type checker only: an identity fits a resource whose state it understands. */
  readonly "~schema"?: (schema: S) => void;
}

/**
 * Defines what tells one resource from all others, beside its state: Terraform 1.12 and OpenTofu 1.12 keep it, show it, and import by
 * it.
 *
 * @example
 * const identity = defineIdentity({
 *   schema: noteSchema,
 *   attributes: { id: { type: "string", requiredForImport: true, description: "Id of the note." } },
 *   of: ({ id }) => ({ id }),
 *   importId: ({ id }) => id,
 * });
 * @throws TypeError when there is no attribute that an import requires, or no upgrader from an older version.
 */
export function defineIdentity<S extends Schema, const A extends IdentityAttributes>(
  options: IdentityOptions<S, A>,
): Identity<S> {
  const { version = 0, attributes, mutable = false, upgraders = [] } = options;
  if (!Object.values(attributes).some(({ requiredForImport }) => requiredForImport)) {
    throw new TypeError("An identity needs an attribute that an import requires.");
  }
  for (let from = 0; from < version; from += 1) {
    if (upgraders.some((upgrader) => upgrader.from === from)) continue;
    throw new TypeError(`The identity has version ${version} but no upgrader from version ${from}.`);
  }
  return {
    version,
    attributes,
    type: ["object", Object.fromEntries(Object.entries(attributes).map(([name, { type }]) => [name, type]))],
    // The framework calls these two only with values that have been conformed to the schema and to `type`.
    of: (state) => options.of(state as StateOf<S>),
    importId: (identity) => options.importId(identity as IdentityOf<A>),
    mutable,
    upgraders,
  };
}
