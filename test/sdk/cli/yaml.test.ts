import { expect, test } from "vitest";
import { parse } from "yaml";
import { yamlOf } from "../../../sdk/src/cli/yaml.ts";

test("what is written as YAML is read as the same value, whatever the texts hold", () => {
  const texts = [
    "",
    " ",
    "yes",
    "No",
    "null",
    "~",
    "12",
    "1e3",
    "0x1f",
    "2026-11-24",
    "- a",
    "a: b",
    "a #b",
    "'\"\\",
    "[]",
  ];
  const hostile = [
    "{x",
    "&a",
    "*a",
    "!t",
    "|",
    ">",
    "%",
    "@",
    "`",
    "a\nb",
    "\r\t\u0000\u0085\u009b\u2028\ufeff",
    "tëst 🔑",
    "y",
  ];
  const values = [
    ...[...texts, ...hostile].map((text) => ({ [text]: text, list: [text] })),
    [],
    {},
    null,
    true,
    -1.5,
    "text",
    { a: [], b: {}, c: [[1, [2]], [], {}, { d: { e: [{ f: null, g: 1 }] } }], h: false },
    [{ a: 1, b: [2] }, [{ c: 3 }]],
  ];
  for (const value of values)
    for (const version of ["1.1", "1.2"] as const)
      expect(parse(yamlOf(value), { version }), yamlOf(value)).toEqual(value);
});

test("a member without a value is left out", () => {
  expect(yamlOf({ a: undefined, b: 1 })).toBe("b: 1\n");
});
