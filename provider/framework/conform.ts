import type { AttributePath, AttributePathStep } from "./attribute-path.ts";
import { conformNumber } from "./conform-number.ts";
import type { CtyType } from "./cty-type.ts";
import { isUnknown, type Value } from "./value.ts";

/** Why a part of a value does not have its type. Never holds the value itself, which may be a secret. */
export interface Mismatch {
  readonly path: AttributePath;
  /** A sentence that starts with what was expected: `A string is required, but a list was given.` */
  readonly message: string;
}

/** A value of the type asked for, and what did not fit. Each part that did not fit is null. */
export interface Conformed {
  readonly value: Value;
  readonly mismatches: readonly Mismatch[];
}

/**
 * How strictly objects are read. `"wire"`: as Terraform sends or stores them, where a missing attribute is null, one that is not in the
 * type is dropped, and a number may be text. `"handler"`: as provider code returns them, where each of these is a mismatch.
 */
export type Strictness = "wire" | "handler";

/** Brings a decoded value into exactly the shape of `type`. Never throws. */
export function conform(type: CtyType, raw: unknown, strictness: Strictness, path: AttributePath = []): Conformed {
  const mismatches: Mismatch[] = [];
  const value = conformPart(type, raw, path, { strictness, mismatches });
  return { value, mismatches };
}

interface Run {
  readonly strictness: Strictness;
  readonly mismatches: Mismatch[];
}

function conformPart(type: CtyType, raw: unknown, path: AttributePath, run: Run): Value {
  if (raw === null) return null;
  if (isUnknown(raw)) return raw;
  if (type === "string") return typeof raw === "string" ? raw : refuse("A string", raw, path, run);
  if (type === "bool") return typeof raw === "boolean" ? raw : refuse("A bool", raw, path, run);
  if (type === "number") return conformNumberPart(raw, path, run);
  if (type[0] === "object") return conformObject(type[1], raw, path, run);
  if (type[0] === "map") return conformMap(type[1], raw, path, run);
  if (!Array.isArray(raw)) return refuse(`A ${type[0]}`, raw, path, run);
  const step = (index: number): AttributePath => (type[0] === "set" ? path : [...path, { elementKeyInt: index }]);
  return raw.map((element: unknown, index) => conformPart(type[1], element, step(index), run));
}

function conformNumberPart(raw: unknown, path: AttributePath, run: Run): Value {
  if (typeof raw !== "number" && typeof raw !== "bigint" && (typeof raw !== "string" || run.strictness === "handler")) {
    return refuse("A number", raw, path, run);
  }
  const number = conformNumber(raw);
  if (typeof number === "object") run.mismatches.push({ path, message: number.problem });
  return typeof number === "object" ? null : number;
}

function conformMap(element: CtyType, raw: unknown, path: AttributePath, run: Run): Value {
  if (!isPlainObject(raw)) return refuse("A map", raw, path, run);
  return mapEntries(Object.entries(raw), (key, value) =>
    conformPart(element, value, append(path, { elementKeyString: key }), run),
  );
}

function conformObject(
  fields: { readonly [name: string]: CtyType },
  raw: unknown,
  path: AttributePath,
  run: Run,
): Value {
  if (!isPlainObject(raw)) return refuse("An object", raw, path, run);
  const given = new Map(Object.entries(raw));
  if (run.strictness === "handler") {
    for (const name of given.keys()) {
      if (Object.hasOwn(fields, name)) continue;
      run.mismatches.push({ path: append(path, { attributeName: name }), message: "There is no such attribute." });
    }
  }
  return mapEntries(Object.entries(fields), (name, type) => {
    const at = append(path, { attributeName: name });
    const value = given.get(name);
    if (value !== undefined) return conformPart(type, value, at, run);
    if (run.strictness === "handler") run.mismatches.push({ path: at, message: "A value or null is required." });
    return null;
  });
}

function refuse(expected: string, raw: unknown, path: AttributePath, run: Run): null {
  run.mismatches.push({ path, message: `${expected} is required, but ${kindOf(raw)} was given.` });
  return null;
}

function kindOf(raw: unknown): string {
  if (raw === undefined) return "undefined";
  if (Array.isArray(raw)) return "a list";
  const names = { string: "a string", boolean: "a bool", number: "a number", bigint: "a number", object: "an object" };
  return names[typeof raw as keyof typeof names] ?? `a ${typeof raw}`;
}

function isPlainObject(raw: unknown): raw is object {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}

function append(path: AttributePath, step: AttributePathStep): AttributePath {
  return [...path, step];
}

function mapEntries<T>(entries: readonly [string, T][], change: (name: string, value: T) => Value): Value {
  return Object.fromEntries(entries.map(([name, value]) => [name, change(name, value)]));
}
