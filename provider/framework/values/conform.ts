import type { AttributePath, AttributePathStep } from "./attribute-path.ts";
import { conformNumber } from "./conform-number.ts";
import { type CtyType, parseCtyType } from "./cty-type.ts";
import { Dynamic, isDynamic, isUnknown, type Value } from "./value.ts";

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
  if (type === "dynamic") return conformDynamic(raw, path, run);
  if (type[0] === "object") return conformObject(type[1], raw, path, run);
  if (type[0] === "tuple") return conformTuple(type[1], raw, path, run);
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

/** A dynamic value without content is what its content is: null or unknown. */
function conformDynamic(raw: unknown, path: AttributePath, run: Run): Value {
  const { type, value } = (run.strictness === "wire" ? parseDynamic(raw) : undefined) ?? (isDynamic(raw) ? raw : {});
  if (type === undefined) return refuse("A value with its type", raw, path, run);
  const content = conformPart(type, value, path, run);
  return content === null || isUnknown(content) ? content : new Dynamic(type, content);
}

/** A value with its type, as the wire has it or as JSON, where it is `{"value": ..., "type": ...}`. Undefined when it is none. */
export function parseDynamic(raw: unknown): Dynamic | undefined {
  if (isDynamic(raw)) return raw;
  if (!isPlainObject(raw) || isUnknown(raw)) return undefined;
  const members = new Map<string, Value>(Object.entries(raw));
  const [type, value] = [parseCtyType(members.get("type")), members.get("value")];
  return members.size === 2 && type !== undefined && value !== undefined ? new Dynamic(type, value) : undefined;
}

function conformTuple(types: readonly CtyType[], raw: unknown, path: AttributePath, run: Run): Value {
  if (!Array.isArray(raw) || raw.length !== types.length) return refuse(`A tuple of ${types.length}`, raw, path, run);
  return types.map((type, index) => conformPart(type, raw[index], append(path, { elementKeyInt: index }), run));
}

function conformMap(element: CtyType, raw: unknown, path: AttributePath, run: Run): Value {
  if (!isPlainObject(raw) || isDynamic(raw)) return refuse("A map", raw, path, run);
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
  if (!isPlainObject(raw) || isDynamic(raw)) return refuse("An object", raw, path, run);
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
  if (isDynamic(raw)) return "a value with a type of its own";
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
