import { isObjectValue, type ObjectValue, type Value } from "./value.ts";

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
