import { describe, expect, test } from "vitest";
import { tfplugin6 } from "../../../provider/protocol/messages.ts";
import { decodeMessage, encodeMessage, ProtobufError } from "../../../provider/protocol/protobuf.ts";

const everything = {
  text: [1, "string"],
  bytes: [2, "bytes"],
  flag: [3, "bool"],
  whole: [4, "int64"],
  kind: [5, "enum"],
  maybe: [6, "string", "optional"],
  many: [7, "string", "repeated"],
  named: [9, { id: [1, "string"] }, "map"],
  inner: [2000, { id: [1, "string"] }],
} as const;

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const decode = (text: string) => decodeMessage(everything, hex(text));

describe("protobuf", () => {
  test("every kind of field survives a round trip", () => {
    const message = {
      text: "Grüße, 世界 \u0000",
      bytes: Buffer.from([0, 255, 128]),
      flag: true,
      whole: Number.MIN_SAFE_INTEGER,
      kind: -3,
      maybe: "",
      many: ["", "b", "c"],
      named: new Map([
        ["", { id: "" }],
        ["k", { id: "v" }],
      ]),
      inner: { id: "x" },
    };
    expect(decodeMessage(everything, encodeMessage(everything, message))).toEqual(message);
  });

  test("a message is written as the specification's own examples are", () => {
    expect(encodeMessage({ a: [1, "int64"] }, { a: 150 }).toString("hex")).toBe("089601");
    expect(encodeMessage({ b: [2, "string"] }, { b: "testing" }).toString("hex")).toBe("120774657374696e67");
    expect(encodeMessage({ a: [1, "int64"] }, { a: -2 }).toString("hex")).toBe("08feffffffffffffffff01");
  });

  test("defaults are not written, and an absent field reads as its default", () => {
    expect(
      encodeMessage(everything, { text: "", bytes: Buffer.alloc(0), flag: false, whole: 0, kind: 0, many: [] }),
    ).toHaveLength(0);
    const empty = decode("");
    expect(empty).toEqual({
      text: "",
      bytes: new Uint8Array(0),
      flag: false,
      whole: 0,
      kind: 0,
      maybe: undefined,
      many: [],
      named: new Map(),
      inner: undefined,
    });
  });

  test("fields nobody knows are skipped, whatever their wire type", () => {
    expect(decode("f803 01  f903 0102030405060708  fa03 02 ffff  fd03 01020304  0a 01 61").text).toBe("a");
  });

  test("the last value of a field given twice wins", () => {
    expect(decode("0a 01 61 0a 01 62").text).toBe("b");
  });

  test.each([
    ["a length that runs past the end", "0a 05 61"],
    ["a length of 4 GiB", "0a ff ff ff ff 0f 61"],
    ["a length beyond 32 bits", "0a ff ff ff ff ff 7f 61"],
    ["a number without an end", "20 ff ff ff ff ff ff ff ff ff ff 01"],
    ["a number cut short", "20 ff"],
    ["a key cut short", "ff"],
    ["the field number 0", "02 01 61"],
    ["a string as a number", "08 01"],
    ["a number as a string", "22 01 61"],
    ["a group", "0b 0c"],
    ["wire type 7", "0f"],
    ["text that is no UTF-8", "0a 02 c3 28"],
    ["a number beyond 2^53", "20 80 80 80 80 80 80 80 10"],
    ["a broken inner message", "82 7d 02 0a 05"],
    ["a broken map entry", "4a 03 0a 05 61"],
  ])("%s is a ProtobufError", (_, bytes) => {
    expect(() => decode(bytes)).toThrow(ProtobufError);
  });

  test("nesting without an end is a ProtobufError, not a stack overflow", () => {
    let bytes: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 20_000; depth += 1) {
      bytes = Buffer.concat([Buffer.of(0x0a), lengthOf(bytes.length), bytes]);
      if (bytes.length > 60_000) break;
    }
    type Nested = { readonly inner: readonly [1, () => Nested] };
    const nested: Nested = { inner: [1, () => nested] };
    expect(() => decodeMessage(nested, bytes)).toThrow(ProtobufError);
  });

  test("random bytes are read or refused, never anything else", () => {
    let seed = 42;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
      return seed >> 8;
    };
    for (let round = 0; round < 3000; round += 1) {
      const bytes = Uint8Array.from({ length: random() % 40 }, () => random() & 0xff);
      try {
        decodeMessage(tfplugin6["PlanResourceChange.Request"], bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtobufError);
      }
    }
  });
});

function lengthOf(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  for (; rest >= 0x80; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
