import type { Dynamic, KnownContent, UnknownValue, Value } from "./value.ts";

/**
 * The type of a value in the JSON notation of Terraform's type system (cty): `"string"`, `["list", "string"]`,
 * `["object", { "port": "number" }]`. `"dynamic"` is a type that is known only with the value; see `attribute.dynamic`.
 */
export type CtyType =
  | "string"
  | "number"
  | "bool"
  | "dynamic"
  | readonly ["list" | "set" | "map", CtyType]
  | readonly ["tuple", readonly CtyType[]]
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
      : T extends "dynamic"
        ? Dynamic<UnknownValue extends Hole ? Value : KnownContent>
        : T extends readonly ["list" | "set", infer E extends CtyType]
          ? readonly (ShapeOf<E, Hole> | Exclude<Hole, null>)[]
          : T extends readonly ["map", infer E extends CtyType]
            ? { readonly [name: string]: ShapeOf<E, Hole> | Exclude<Hole, null> }
            : T extends readonly ["tuple", infer E extends readonly CtyType[]]
              ? readonly (ShapeOf<E[number], Hole> | Hole | null)[]
              : T extends readonly ["object", infer A extends { readonly [name: string]: CtyType }]
                ? { readonly [K in keyof A]: ShapeOf<A[K], Hole> | Hole | null }
                : never;

/** Whether two types are the same. */
export function equalTypes(one: CtyType, other: CtyType): boolean {
  return conformsTo(one, other, false);
}

/** Whether a value of the type `actual` can take the place of one planned with the type `planned`, parts of which may be dynamic. */
export function fitsType(planned: CtyType, actual: CtyType): boolean {
  return conformsTo(planned, actual, true);
}

function conformsTo(one: CtyType, other: CtyType, dynamicFits: boolean): boolean {
  if (dynamicFits && one === "dynamic") return true;
  if (typeof one === "string" || typeof other === "string") return one === other;
  if (one[0] === "object" || other[0] === "object") {
    return one[0] === "object" && other[0] === "object" && sameMembers(one[1], other[1], dynamicFits);
  }
  if (one[0] === "tuple" || other[0] === "tuple") {
    return one[0] === "tuple" && other[0] === "tuple" && sameMembers(one[1], other[1], dynamicFits);
  }
  return one[0] === other[0] && conformsTo(one[1], other[1], dynamicFits);
}

/** The members of an object type by their names, or of a tuple type by their positions. */
function sameMembers(
  one: { readonly [name: string]: CtyType } | readonly CtyType[],
  other: { readonly [name: string]: CtyType } | readonly CtyType[],
  dynamicFits: boolean,
): boolean {
  const [members, others] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  if (members.size !== others.size) return false;
  return [...members].every(([name, type]) => {
    const counterpart = others.get(name);
    return counterpart !== undefined && conformsTo(type, counterpart, dynamicFits);
  });
}

/** How deep types may nest. */
const maxDepth = 100;

/** Reads a type from its parsed JSON notation; undefined when it is none. */
export function parseCtyType(json: unknown, depth = 0): CtyType | undefined {
  if (json === "string" || json === "number" || json === "bool" || json === "dynamic") return json;
  if (!Array.isArray(json) || json.length !== 2 || depth > maxDepth) return undefined;
  const [kind, inner]: readonly unknown[] = json;
  if (kind === "list" || kind === "set" || kind === "map") {
    const element = parseCtyType(inner, depth + 1);
    return element && [kind, element];
  }
  if (kind === "tuple" && Array.isArray(inner)) {
    const types = inner.map((type: unknown) => parseCtyType(type, depth + 1)).filter((type) => type !== undefined);
    return types.length === inner.length ? [kind, types] : undefined;
  }
  if (kind !== "object" || typeof inner !== "object" || inner === null || Array.isArray(inner)) return undefined;
  const fields: [string, CtyType][] = [];
  for (const [name, type] of Object.entries(inner)) {
    const field = parseCtyType(type, depth + 1);
    if (field === undefined || name === "__proto__") return undefined;
    fields.push([name, field]);
  }
  return [kind, Object.fromEntries(fields)];
}

/** Whether a collection of the type, at any depth, would hold elements of a type that is not known: Terraform has no such thing. */
export function hasDynamicElements(type: CtyType): boolean {
  if (typeof type === "string") return false;
  if (type[0] === "object" || type[0] === "tuple") return Object.values(type[1]).some(hasDynamicElements);
  return hasDynamicPart(type[1]);
}

function hasDynamicPart(type: CtyType): boolean {
  if (typeof type === "string") return type === "dynamic";
  return type[0] === "object" || type[0] === "tuple"
    ? Object.values(type[1]).some(hasDynamicPart)
    : hasDynamicPart(type[1]);
}
