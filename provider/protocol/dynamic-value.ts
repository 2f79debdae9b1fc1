/** {@link Value} as the bytes Terraform exchanges: msgpack, with JSON understood as well. */
import { Decoder, Encoder, ExtData } from "@msgpack/msgpack";
import { type CtyType, parseCtyType } from "../framework/values/cty-type.ts";
import { Dynamic, isDynamic, isUnknown, unknown, type Value } from "../framework/values/value.ts";
import type { tfplugin6 } from "./messages.ts";
import type { Message } from "./protobuf.ts";

type DynamicValue = (typeof tfplugin6)["DynamicValue"];

/** The bytes are no value: malformed msgpack or JSON, binary data, the key `__proto__`, or nesting beyond any Terraform type. */
export class ValueError extends Error {
  override readonly name = "ValueError";
}

/** How deep lists and objects may nest. Terraform's own types end long before. */
const maxDepth = 200;

/** Reads any extension as unknown (0 is plain, 12 refined); writes unknown as extension 0. */
const extensionCodec = {
  tryToEncode: (value: unknown) => (isUnknown(value) ? new ExtData(0, Uint8Array.of(0)) : null),
  decode: () => unknown,
};
const encoder = new Encoder({ extensionCodec, useBigInt64: true, maxDepth: maxDepth + 1, initialBufferSize: 2048 });

/**
 * Reads a value: msgpack when there is any, otherwise JSON; null when there is neither.
 *
 * @throws ValueError when the bytes are malformed
 */
export function decodeDynamicValue(message: Message<DynamicValue> | undefined): Value {
  if (message === undefined) return null;
  if (message.msgpack.length > 0) return decodeMsgpack(message.msgpack);
  return message.json.length > 0 ? decodeJson(message.json) : null;
}

/**
 * Writes a value as msgpack. Whole numbers within 64 bits become integers, every other number its decimal text, because
 * Terraform reads that with 512 bits of precision.
 */
export function encodeDynamicValue(value: Value): { readonly msgpack: Uint8Array } {
  return { msgpack: encoder.encode(toWire(value)) };
}

function decodeMsgpack(bytes: Uint8Array): Value {
  // No container can have more elements than there are bytes: a length that says so would only make the decoder allocate.
  const bounds = { maxArrayLength: bytes.length, maxMapLength: bytes.length };
  return parseValue("msgpack", () => new Decoder({ extensionCodec, useBigInt64: true, ...bounds }).decode(bytes));
}

function decodeJson(bytes: Uint8Array): Value {
  return parseValue("JSON", () => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes), exactInteger));
}

/** Keeps integers beyond 2^53 exact. */
function exactInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  const isRounded =
    typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source);
  return isRounded ? BigInt(source) : value;
}

function parseValue(format: string, read: () => unknown): Value {
  try {
    return fromWire(read(), 0);
  } catch (error) {
    if (error instanceof ValueError) throw error;
    throw new ValueError(`A value is not well-formed ${format}.`, { cause: error });
  }
}

function fromWire(value: unknown, depth: number): Value {
  if (depth > maxDepth) throw new ValueError(`A value nests more than ${maxDepth} deep.`);
  if (value === null || typeof value === "boolean" || typeof value === "string" || typeof value === "number")
    return value;
  if (typeof value === "bigint") return narrowed(value);
  if (typeof value !== "object" || value instanceof Uint8Array) throw new ValueError("A value holds binary data.");
  if (isUnknown(value)) return unknown;
  if (Array.isArray(value) && value.length === 2 && value[0] instanceof Uint8Array) {
    return new Dynamic(readType(value[0]), fromWire(value[1], depth + 1));
  }
  if (Array.isArray(value)) return value.map((element) => fromWire(element, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, fromWire(element, depth + 1)]));
}

/** Binary data occurs in one place only: as the type before a value of a dynamic type. */
function readType(bytes: Uint8Array): CtyType {
  const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  const type = parseCtyType(json);
  if (type === undefined) throw new ValueError("A value says a type that Terraform does not have.");
  return type;
}

/** A `number` where that is exact. */
function narrowed(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A value in the form the encoder writes as Terraform expects it. */
function toWire(value: Value): unknown {
  if (typeof value === "number" || typeof value === "bigint") return numberToWire(value);
  if (typeof value !== "object" || value === null || isUnknown(value)) return value;
  if (isDynamic(value)) return [new TextEncoder().encode(JSON.stringify(value.type)), toWire(value.value)];
  if (Array.isArray(value)) return value.map(toWire);
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, toWire(element)]));
}

function numberToWire(value: number | bigint): unknown {
  if (typeof value === "bigint") {
    const isWithin64Bits = value >= 0n ? BigInt.asUintN(64, value) === value : BigInt.asIntN(64, value) === value;
    return isWithin64Bits ? value : value.toString();
  }
  if (!Number.isSafeInteger(value)) return String(value);
  return value >= -(2 ** 31) && value < 2 ** 32 ? value : BigInt(value);
}
