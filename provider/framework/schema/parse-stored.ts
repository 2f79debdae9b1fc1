import { parseDynamic } from "../values/conform.ts";
import { isListValue, isObjectValue, type ObjectValue, type Value } from "../values/value.ts";
import type { Attributes } from "./attribute-types.ts";
import { collectTexts } from "./attribute-values.ts";

/** Reads a state or an identity as a state file holds it; undefined when that is no JSON object. */
export function parseStoredObject(json: Uint8Array): ObjectValue | undefined {
  try {
    const parsed: Value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json), exactIntegers);
    return isObjectValue(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Reads an integer beyond 2^53 from its digits; `JSON.parse` alone would round it. */
function exactIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/**
 * The texts and numbers in a stored state that must never be shown. It may be of an older schema: whatever has the name of a sensitive
 * or write-only attribute counts, wherever it stands.
 */
export function storedSecrets(attributes: Attributes, stored: ObjectValue): readonly string[] {
  const secrets: string[] = [];
  collectNamed(new Set(secretNames(attributes)), stored, secrets);
  return secrets;
}

function secretNames(attributes: Attributes): readonly string[] {
  return Object.entries(attributes).flatMap(([name, { sensitive, writeOnly, nested }]) => [
    ...(sensitive || writeOnly ? [name] : []),
    ...secretNames(nested?.attributes ?? {}),
  ]);
}

function collectNamed(names: ReadonlySet<string>, value: Value, into: string[]): void {
  if (isListValue(value)) for (const element of value) collectNamed(names, element, into);
  if (!isObjectValue(value)) return;
  for (const [name, member] of Object.entries(value)) {
    if (names.has(name)) collectTexts(parseDynamic(member) ?? member, into);
    else collectNamed(names, member, into);
  }
}
