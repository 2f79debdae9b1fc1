import { describe, expect, test } from "vitest";
import { type CtyType, formatPath, unknown, type Value } from "../../../provider/framework/index.ts";
import { brokenPromise, equalValues } from "../../../provider/framework/values/compare.ts";
import { conform } from "../../../provider/framework/values/conform.ts";
import { conformNumber } from "../../../provider/framework/values/conform-number.ts";

const person: CtyType = ["object", { name: "string", age: "number", tags: ["map", ["list", "string"]] }];

describe("numbers are kept exactly or refused", () => {
  test.each<[number | bigint | string, number | bigint]>([
    [1, 1],
    [1n, 1],
    [-0, 0],
    [0.5, 0.5],
    ["0.1", 0.1],
    ["-12.50", -12.5],
    ["1e3", 1000],
    ["1.5e-7", 1.5e-7],
    ["0.000", 0],
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    [18446744073709551615n, 18446744073709551615n],
    ["-123456789012345678901234567890", -123456789012345678901234567890n],
    [2 ** 60, 1152921504606846976n],
  ])("%s becomes %s", (raw, expected) => {
    expect(conformNumber(raw)).toBe(expected);
  });

  test.each([
    "3.14159265358979323846264338327950288",
    "1e4000",
    "0.1000000000000000000001",
    "",
    "abc",
    "0x10",
    "1e99999999",
  ])("%s is refused", (raw) => {
    expect(conformNumber(raw)).toHaveProperty("problem");
  });

  test("more digits than anybody means are refused", () => {
    expect(conformNumber("9".repeat(2000))).toHaveProperty("problem");
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("%s is refused", (raw) => {
    expect(conformNumber(raw)).toHaveProperty("problem");
  });
});

describe("a value from the wire takes the shape of its type", () => {
  test("missing attributes are null, others are dropped, unknown stays at any depth", () => {
    const raw = { name: unknown, extra: true, tags: { a: ["x", unknown] } };
    expect(conform(person, raw, "wire")).toEqual({
      value: { name: unknown, age: null, tags: { a: ["x", unknown] } },
      mismatches: [],
    });
  });

  test("each mismatch names its path and the kinds, never the value, and the rest is kept", () => {
    const raw = { name: 7, age: "seven", tags: { a: ["fine", { secret: "hunter2" }] } };
    const { value, mismatches } = conform(person, raw, "wire");
    expect(value).toEqual({ name: null, age: null, tags: { a: ["fine", null] } });
    expect(mismatches.map(({ path, message }) => `${formatPath(path)}: ${message}`)).toEqual([
      "name: A string is required, but a number was given.",
      "age: A decimal number is required.",
      'tags["a"][1]: A string is required, but an object was given.',
    ]);
    expect(JSON.stringify(mismatches)).not.toContain("hunter2");
  });

  test.each<[CtyType, unknown]>([
    ["bool", "true"],
    [["list", "string"], { 0: "a" }],
    [["map", "string"], ["a"]],
    [["object", {}], "a"],
    ["string", undefined],
    ["number", true],
  ])("%j refuses %j", (type, raw) => {
    expect(conform(type, raw, "wire").mismatches).toHaveLength(1);
  });

  test("names that every object inherits are attributes and map keys like any other", () => {
    const type: CtyType = ["object", { ["to".concat("String")]: "string", keys: ["map", "string"] }];
    const raw = JSON.parse('{ "keys": { "__proto__": "p", "toString": "t" } }');
    const { value, mismatches } = conform(type, raw, "wire");
    expect(mismatches).toEqual([]);
    expect(JSON.stringify(value)).toBe('{"toString":null,"keys":{"__proto__":"p","toString":"t"}}');
  });
});

test("what a handler returns must have every attribute and no other", () => {
  const { mismatches } = conform(person, { name: "a", age: "7", tags: null, extra: 1 }, "handler");
  expect(mismatches.map(({ path }) => formatPath(path))).toEqual(["extra", "age"]);
  expect(conform(person, { name: "a", tags: null }, "handler").mismatches.map(({ path }) => formatPath(path))).toEqual([
    "age",
  ]);
});

describe("values are compared as Terraform compares them", () => {
  const set: CtyType = ["set", "string"];

  test("sets without order, lists with", () => {
    expect(equalValues(set, ["a", "b"], ["b", "a"])).toBe(true);
    expect(equalValues(set, ["a", "b"], ["b", "c"])).toBe(false);
    expect(equalValues(["list", "string"], ["a", "b"], ["b", "a"])).toBe(false);
  });

  test.each<[Value, Value, string | undefined]>([
    [{ name: "a", age: 1, tags: null }, { name: "a", age: 1, tags: null }, undefined],
    [{ name: unknown, age: 1, tags: { a: [unknown] } }, { name: "x", age: 1, tags: { a: ["y"] } }, undefined],
    [{ name: "a", age: 1, tags: null }, { name: "a", age: 2, tags: null }, "age"],
    [{ name: "a", age: 1, tags: { a: ["x"] } }, { name: "a", age: 1, tags: { a: ["y"] } }, 'tags["a"][0]'],
    [{ name: "a", age: 1, tags: { a: [] } }, { name: "a", age: 1, tags: { b: [] } }, "tags"],
    [{ name: "a", age: 1, tags: { a: [unknown] } }, { name: "a", age: 1, tags: { a: [] } }, 'tags["a"]'],
  ])("promise and outcome number %# differ as expected", (planned, actual, expected) => {
    const path = brokenPromise(person, planned, actual);
    expect(path && formatPath(path)).toBe(expected);
  });

  test("a set with an unknown element promises nothing about its elements", () => {
    expect(brokenPromise(set, ["a", unknown], ["b"])).toBeUndefined();
  });
});
