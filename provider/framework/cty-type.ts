/**
 * The type of a value in the JSON notation of Terraform's type system (cty): `"string"`, `["list", "string"]`,
 * `["object", { "port": "number" }]`.
 */
export type CtyType =
  | "string"
  | "number"
  | "bool"
  | readonly ["list" | "set" | "map", CtyType]
  | readonly ["object", { readonly [name: string]: CtyType }];

/** The TypeScript type of a wholly known, non-null value of the cty type `T`. */
export type KnownOf<T extends CtyType> = ShapeOf<T, null>;

/** The TypeScript type of a value of the cty type `T`, of which parts may still take any form `Hole` names. */
export type ShapeOf<T extends CtyType, Hole> = T extends "string"
  ? string
  : T extends "number"
    ? number | bigint
    : T extends "bool"
      ? boolean
      : T extends readonly ["list" | "set", infer E extends CtyType]
        ? readonly (ShapeOf<E, Hole> | Exclude<Hole, null>)[]
        : T extends readonly ["map", infer E extends CtyType]
          ? { readonly [name: string]: ShapeOf<E, Hole> | Exclude<Hole, null> }
          : T extends readonly ["object", infer A extends { readonly [name: string]: CtyType }]
            ? { readonly [K in keyof A]: ShapeOf<A[K], Hole> | Hole | null }
            : never;
