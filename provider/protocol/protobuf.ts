/**
 * Protocol Buffers by table: a message is a record of fields, and one reader and one writer serve them all. Only what
 * `messages.ts` needs: proto3, no packed fields, maps with string keys.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */

/** The scalar types in use. `enum` is its number; `int64` is a safe integer. */
export type Scalar = "string" | "bytes" | "bool" | "int64" | "enum";

/** `optional`: absence is told from the default value (also members of a oneof). `map`: string keys. */
export type FieldLabel = "repeated" | "map" | "optional";

/** A field: its number, its type (a function where messages refer to each other in a circle), its label if it has one. */
export type Field = readonly [number: number, type: Scalar | Fields | (() => Fields), label?: FieldLabel];

/** A message: its fields by their proto names. */
export interface Fields {
  readonly [name: string]: Field;
}

type TypeValue<T> = T extends "string"
  ? string
  : T extends "bytes"
    ? Uint8Array
    : T extends "bool"
      ? boolean
      : T extends "int64" | "enum"
        ? number
        : T extends () => infer M
          ? M extends Fields
            ? Message<M>
            : never
          : T extends Fields
            ? Message<T>
            : never;

type FieldValue<F extends Field> = F[2] extends "repeated"
  ? readonly TypeValue<F[1]>[]
  : F[2] extends "map"
    ? ReadonlyMap<string, TypeValue<F[1]>>
    : F[2] extends "optional"
      ? TypeValue<F[1]> | undefined
      : F[1] extends Scalar
        ? TypeValue<F[1]>
        : TypeValue<F[1]> | undefined;

type InputValue<T> = T extends Scalar
  ? TypeValue<T>
  : T extends () => infer M
    ? M extends Fields
      ? Input<M>
      : never
    : T extends Fields
      ? Input<T>
      : never;

type FieldInput<F extends Field> = F[2] extends "repeated"
  ? readonly InputValue<F[1]>[]
  : F[2] extends "map"
    ? ReadonlyMap<string, InputValue<F[1]>>
    : InputValue<F[1]>;

/** A message as it was read: scalars have their defaults, absent messages are `undefined`. */
export type Message<M extends Fields> = { readonly [K in keyof M]: FieldValue<M[K]> };

/** A message as it is written: every field may be left out. */
export type Input<M extends Fields> = { readonly [K in keyof M]?: FieldInput<M[K]> | undefined };

/** The bytes are no message of this type: cut short, out of bounds, nested too deep, or no UTF-8. */
export class ProtobufError extends Error {
  override readonly name = "ProtobufError";
}

const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
/** How deep messages may nest; Terraform's nest about ten deep. */
const maxDepth = 100;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const emptyBytes = new Uint8Array(0);
const scalarDefaults = { string: "", bytes: emptyBytes, bool: false, int64: 0, enum: 0 } as const;

/**
 * Reads one message. Unknown fields are skipped; `bytes` are views of `bytes`, not copies.
 *
 * @throws ProtobufError when it is malformed
 */
export function decodeMessage<const M extends Fields>(fields: M, bytes: Uint8Array): Message<M> {
  return readMessage(fields, new Reader(bytes), 0) as Message<M>;
}

/** Writes one message. Fields at their default value are left out unless `optional`. */
export function encodeMessage<const M extends Fields>(fields: M, message: Input<M>): Buffer {
  return writeMessage(fields, message);
}

class Reader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /** A varint as an unsigned 64-bit number. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#position++];
      if (byte === undefined) throw new ProtobufError("A message is cut short.");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError("A number is longer than ten bytes.");
  }

  /** A varint that must fit 32 bits: a key or a length. */
  smallVarint(): number {
    const byte = this.#bytes[this.#position];
    if (byte !== undefined && byte < 0x80) {
      this.#position++;
      return byte;
    }
    const value = this.varint();
    if (value > 0xffff_ffffn) throw new ProtobufError("A length or field number is out of bounds.");
    return Number(value);
  }

  delimited(): Uint8Array {
    return this.#take(this.smallVarint());
  }

  skip(type: number): void {
    if (type === wireType.varint) this.varint();
    else if (type === wireType.fixed64) this.#take(8);
    else if (type === wireType.bytes) this.delimited();
    else if (type === wireType.fixed32) this.#take(4);
    else throw new ProtobufError(`Wire type ${type} is not supported.`);
  }

  #take(byteCount: number): Uint8Array {
    const end = this.#position + byteCount;
    if (end > this.#bytes.length) throw new ProtobufError("A message is cut short.");
    const taken = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }
}

interface FieldEntry {
  readonly name: string;
  readonly field: Field;
}

const fieldsByNumber = new WeakMap<Fields, ReadonlyMap<number, FieldEntry>>();

function indexOf(fields: Fields): ReadonlyMap<number, FieldEntry> {
  const known = fieldsByNumber.get(fields);
  if (known !== undefined) return known;
  const index = new Map(Object.entries(fields).map(([name, field]) => [field[0], { name, field }]));
  fieldsByNumber.set(fields, index);
  return index;
}

function readMessage(fields: Fields, reader: Reader, depth: number): Record<string, unknown> {
  if (depth > maxDepth) throw new ProtobufError(`Messages nest more than ${maxDepth} deep.`);
  const message = emptyMessage(fields);
  const index = indexOf(fields);
  while (!reader.isAtEnd) {
    const key = reader.smallVarint();
    const entry = index.get(key >>> 3);
    if (key >>> 3 === 0) throw new ProtobufError("A field has the number 0.");
    if (entry === undefined) reader.skip(key & 7);
    else if ((key & 7) === expectedWireType(entry.field)) readField(message, entry, reader, depth);
    else throw new ProtobufError(`The field ${entry.name} has another type here.`);
  }
  return message;
}

function readField(message: Record<string, unknown>, { name, field }: FieldEntry, reader: Reader, depth: number): void {
  const [, type, label] = field;
  const previous = message[name];
  if (label === "map" && previous instanceof Map) {
    const entry = readMessage(mapEntryOf(type), new Reader(reader.delimited()), depth + 1);
    previous.set(entry["key"], entry["value"] ?? emptyMessage(messageType(type)));
  } else if (Array.isArray(previous)) {
    previous.push(readValue(type, reader, depth));
  } else {
    message[name] = readValue(type, reader, depth);
  }
}

function readValue(type: Field[1], reader: Reader, depth: number): unknown {
  switch (type) {
    case "string":
      return readString(reader.delimited());
    case "bytes":
      return reader.delimited();
    case "bool":
      return reader.varint() !== 0n;
    case "enum":
      return Number(BigInt.asIntN(32, reader.varint()));
    case "int64": {
      const value = Number(BigInt.asIntN(64, reader.varint()));
      if (!Number.isSafeInteger(value)) throw new ProtobufError("A number is beyond 2^53.");
      return value;
    }
    default:
      return readMessage(messageType(type), new Reader(reader.delimited()), depth + 1);
  }
}

function readString(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new ProtobufError("A string is not UTF-8.", { cause: error });
  }
}

function emptyMessage(fields: Fields): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  for (const [name, [, type, label]] of Object.entries(fields)) {
    if (label === "repeated") message[name] = [];
    else if (label === "map") message[name] = new Map();
    else message[name] = label === undefined && typeof type === "string" ? scalarDefaults[type] : undefined;
  }
  return message;
}

function writeMessage(fields: Fields, message: { readonly [name: string]: unknown }): Buffer {
  const parts: Uint8Array[] = [];
  for (const [name, [number, type, label]] of Object.entries(fields)) {
    const value = message[name];
    if (value === undefined) continue;
    if (label === "repeated" && Array.isArray(value)) {
      for (const element of value) writeField(parts, number, type, element);
    } else if (label === "map" && value instanceof Map) {
      for (const [key, element] of value) writeField(parts, number, mapEntryOf(type), { key, value: element });
    } else if (label === "optional" || !isDefault(value)) {
      writeField(parts, number, type, value);
    }
  }
  return Buffer.concat(parts);
}

function writeField(parts: Uint8Array[], number: number, type: Field[1], value: unknown): void {
  const key = number << 3;
  if (type === "bool" || type === "int64" || type === "enum") {
    parts.push(varint(key | wireType.varint), varint(Number(value)));
    return;
  }
  const bytes = delimitedBytes(type, value);
  parts.push(varint(key | wireType.bytes), varint(bytes.length), bytes);
}

function delimitedBytes(type: Field[1], value: unknown): Uint8Array {
  if (type === "string" && typeof value === "string") return Buffer.from(value, "utf8");
  if (type === "bytes" && value instanceof Uint8Array) return value;
  if (typeof type !== "string" && isRecord(value)) return writeMessage(messageType(type), value);
  throw new ProtobufError("A value does not have the type of its field.");
}

function varint(value: number): Buffer {
  if (value >= 0 && value < 0x80) return Buffer.of(value);
  if (!Number.isSafeInteger(value)) throw new ProtobufError("A number is beyond 2^53.");
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

function isDefault(value: unknown): boolean {
  return value === "" || value === 0 || value === false || (value instanceof Uint8Array && value.length === 0);
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null;
}

function messageType(type: Field[1]): Fields {
  if (typeof type === "string") throw new TypeError(`${type} is a scalar.`);
  return typeof type === "function" ? type() : type;
}

function mapEntryOf(type: Field[1]): Fields {
  return { key: [1, "string"], value: [2, type, "optional"] };
}

function expectedWireType([, type, label]: Field): number {
  const isVarint = label !== "map" && (type === "bool" || type === "int64" || type === "enum");
  return isVarint ? wireType.varint : wireType.bytes;
}
