import { describe, expect, test } from "vitest";
import { Dynamic, unknown, type Value } from "../../../provider/framework/values/value.ts";
import { decodeDynamicValue, encodeDynamicValue, ValueError } from "../../../provider/protocol/dynamic-value.ts";

const none = new Uint8Array(0);
const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const fromMsgpack = (bytes: Uint8Array) => decodeDynamicValue({ msgpack: bytes, json: none });
const fromJson = (text: string) => decodeDynamicValue({ msgpack: none, json: Buffer.from(text) });
const written = (value: Value) => Buffer.from(encodeDynamicValue(value).msgpack).toString("hex");

describe("a dynamic value", () => {
  test.each<[string, Value]>([
    ["null", null],
    ["booleans", [true, false]],
    ["text", ["", "Grüße, 世界", "a".repeat(70_000)]],
    ["small integers", [0, -1, 127, 128, -(2 ** 31), 2 ** 32 - 1]],
    ["integers to 2^53", [2 ** 32, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]],
    ["integers to 64 bits", [2n ** 53n, 2n ** 64n - 1n, -(2n ** 63n)]],
    ["unknown, at any depth", { a: unknown, b: [unknown, { c: unknown }] }],
    ["objects", { name: "x", inner: { list: [1, "2", null] }, empty: {} }],
    ["a type beside its value", { a: new Dynamic(["tuple", ["string", "number"]], ["x", 1]) }],
    ["a typed null and a typed unknown", [new Dynamic("string", null), new Dynamic("bool", unknown)]],
    ["keys of every object", { constructor: 1, toString: "x", hasOwnProperty: null }],
  ])("round trip: %s", (_, value) => {
    expect(fromMsgpack(encodeDynamicValue(value).msgpack)).toEqual(value);
  });

  test.each([
    ["plain (extension 0)", "d4 00 00"],
    ["empty extension 0", "c7 00 00"],
    ["refined (extension 12)", "c7 03 0c 81 01 c2"],
    ["any other extension", "c7 01 63 00"],
  ])("unknown is read: %s", (_, bytes) => {
    expect(fromMsgpack(hex(bytes))).toBe(unknown);
  });

  test("unknown is written as extension 0, never refined", () => {
    expect(written(unknown)).toBe("d40000");
  });

  test("a number with a fraction is written as its decimal text, which Terraform reads exactly", () => {
    expect(fromMsgpack(hex(written(0.1)))).toBe("0.1");
    expect(fromMsgpack(hex(written(2n ** 64n)))).toBe("18446744073709551616");
  });

  test("an integer of 64 bits is read exactly", () => {
    expect(fromMsgpack(hex("cf ff ff ff ff ff ff ff ff"))).toBe(2n ** 64n - 1n);
    expect(fromMsgpack(hex("d3 80 00 00 00 00 00 00 00"))).toBe(-(2n ** 63n));
    expect(fromMsgpack(hex("cf 00 00 00 00 00 00 00 07"))).toBe(7);
  });

  test("a value of a dynamic type is written as cty writes it: the type as JSON in bytes, then the value", () => {
    const type = Buffer.from('["list","string"]').toString("hex");
    expect(written(new Dynamic(["list", "string"], ["x"]))).toBe(`92c411${type}91a178`);
  });

  test("JSON is read where there is no msgpack, with exact integers", () => {
    expect(fromJson('{"a":[1,2.5,"x",null],"b":9007199254740993}')).toEqual({
      a: [1, 2.5, "x", null],
      b: 9007199254740993n,
    });
  });

  test("no bytes at all are null", () => {
    expect(decodeDynamicValue(undefined)).toBeNull();
    expect(decodeDynamicValue({ msgpack: none, json: none })).toBeNull();
  });

  test.each([
    ["text cut short", "a5 61"],
    ["an array that claims 4 billion elements", "dd ff ff ff ff"],
    ["a map that claims 4 billion entries", "df ff ff ff ff"],
    ["text that claims 4 GiB", "db ff ff ff ff 61"],
    ["binary data", "c4 01 00"],
    ["a type that Terraform does not have", "92 c4 03 22 7a 22 01"],
    ["a type that is no JSON", "92 c4 01 22 01"],
    ["bytes after the value", "01 01"],
    ["the key __proto__", "81 a9 5f5f70726f746f5f5f 80"],
    ["a key that is a list", "81 90 01"],
    ["the unused byte", "c1"],
    ["arrays nested without end", "91".repeat(100_000)],
  ])("%s is a ValueError", (_, bytes) => {
    expect(() => fromMsgpack(hex(bytes))).toThrow(ValueError);
  });

  test.each(['{"a":', "[".repeat(100_000), "nul", "\u0000"])("malformed JSON is a ValueError: %#", (text) => {
    expect(() => fromJson(text)).toThrow(ValueError);
  });

  test("what is wrong is said without the value", () => {
    const secret = "hunter2hunter2";
    expect(() => fromJson(`{"password": "${secret}" oops}`)).toThrow(/^A value is not well-formed JSON\.$/);
  });
});
