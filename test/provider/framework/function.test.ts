import { describe, expect, expectTypeOf, test } from "vitest";
import {
  defineFunction,
  FunctionError,
  lengthBetween,
  type ProviderFunction,
  parameter,
  type UnknownValue,
  unknown,
  type Value,
} from "../../../provider/framework/index.ts";
import { unconfigured } from "./single-provider.ts";

const { signal } = new AbortController();

const join = defineFunction({
  name: "join_words",
  summary: "Joins words",
  description: "Joins *words*.",
  deprecated: "Use join.",
  parameters: [
    parameter.string({ name: "separator", description: "Between them.", validators: [lengthBetween(1, 3)] }),
    parameter.number({ name: "limit", description: "How many.", nullable: true }),
  ],
  variadic: parameter.string({ name: "words", description: "Words." }),
  returns: "string",
  run: ({ separator, limit, words }) => {
    if (words.includes("bad")) throw new FunctionError("No bad words.", 2 + words.indexOf("bad"));
    return words.slice(0, limit ?? words.length).join(separator);
  },
});

/** Calls a function of a provider that nobody configured, as Terraform does. */
function call(definition: ProviderFunction, ...args: readonly Value[]) {
  const server = unconfigured(null, { functions: [definition] });
  return server.callFunction({ name: definition.name, arguments: args }, signal);
}

describe("a function", () => {
  test("gets its arguments by name, without any configuration, and gives a result", async () => {
    expect(await call(join, "-", null, "a", "b")).toEqual({ result: "a-b" });
    expect(await call(join, "-", 1, "a", "b")).toEqual({ result: "a" });
    expect(await call(join, "-", null)).toEqual({ result: "" });
  });

  test("has the types of its parameters", () => {
    defineFunction({
      name: "typed",
      summary: "A",
      description: "A.",
      parameters: [
        parameter.string({ name: "text", description: "A.", nullable: true, allowUnknown: true }),
        parameter.list({ name: "items", element: "string", description: "A." }),
        parameter.object({ name: "size", fields: { x: "bool" }, description: "A." }),
      ],
      variadic: parameter.map({ name: "maps", element: "bool", description: "A." }),
      returns: ["list", "string"],
      run: (args) => {
        expectTypeOf(args.text).toEqualTypeOf<string | null | UnknownValue>();
        expectTypeOf(args.items).toEqualTypeOf<readonly string[]>();
        expectTypeOf(args.size).toEqualTypeOf<{ readonly x: boolean | null }>();
        expectTypeOf(args.maps).toEqualTypeOf<readonly { readonly [name: string]: boolean }[]>();
        // @ts-expect-error: there is no such parameter
        expectTypeOf(args.other).toBeAny();
        return args.items;
      },
    });
    // @ts-expect-error: another type than it returns
    defineFunction({ name: "n", summary: "A", description: "A.", parameters: [], returns: "number", run: () => "one" });
  });

  test.each<[string, readonly Value[], string, number | undefined]>([
    ["its own error, at its argument", ["-", null, "a", "bad"], "No bad words", 3],
    ["a validator's, at the argument", ["long one", null], "separator: The value must have 1 to 3 characters", 0],
    ["null where it is not allowed", [null, null], "separator must not be null", 0],
    ["another type", ["-", "many"], "limit: A decimal number is required", 1],
    ["an integer beyond 2^53", ["-", 2n ** 60n], "limit must be between", 1],
    ["null among variadic arguments", ["-", null, "a", null], "words must not be null", 3],
    ["too few arguments", ["-"], "join_words takes 2 arguments, but 1 were given", undefined],
  ])("refuses %s, and leaves the full stop to Terraform", async (_, args, text, argumentIndex) => {
    const answer = await call(join, ...args);
    expect(answer).toMatchObject({ error: { text: expect.stringMatching(/[^.]$/) } });
    expect(answer).toMatchObject({ error: { text: expect.stringContaining(text) } });
    expect("error" in answer && answer.error.argumentIndex).toBe(argumentIndex);
  });

  test("refuses an element that is null, and too many arguments", async () => {
    const parameters = [parameter.list({ name: "items", element: "string", description: "A." })] as const;
    const count = defineFunction({
      name: "count_items",
      summary: "A",
      description: "A.",
      parameters,
      returns: "number",
      run: ({ items }) => items.length,
    });
    expect(await call(count, ["a", "b"])).toEqual({ result: 2 });
    expect(await call(count, ["a", null])).toEqual({
      error: { text: "items[1] must not have a null element", argumentIndex: 0 },
    });
    expect(await call(count, [], [])).toMatchObject({ error: { text: expect.stringContaining("takes 1") } });
  });

  test("gets a map without the elements that are null, where it wants that", async () => {
    const keys = defineFunction({
      name: "keys",
      summary: "A",
      description: "A.",
      parameters: [
        parameter.map({ name: "pruned", element: ["map", "string"], omitsNulls: true, description: "A." }),
        parameter.map({ name: "whole", element: ["map", "string"], description: "A." }),
      ],
      returns: ["list", "string"],
      run: ({ pruned }) => Object.entries(pruned).flatMap(([key, inner]) => [key, ...Object.keys(inner)]),
    });
    const tree = { a: { b: "c", d: null }, e: null };
    expect(await call(keys, tree, {})).toEqual({ result: ["a", "b"] });
    expect(await call(keys, {}, tree)).toEqual({
      error: { text: 'whole["a"]["d"] must not have a null element', argumentIndex: 1 },
    });
  });

  test("is not called for what is not known, unless it says so", async () => {
    expect(await call(join, "-", null, unknown)).toEqual({ result: unknown });
    const isKnown = defineFunction({
      name: "is_known",
      summary: "A",
      description: "A.",
      parameters: [parameter.string({ name: "text", description: "A.", allowUnknown: true })],
      returns: "bool",
      run: ({ text }) => (text === unknown ? unknown : true),
    });
    expect(await call(isKnown, unknown)).toEqual({ result: unknown });
    expect(await call(isKnown, "a")).toEqual({ result: true });
  });

  test("that breaks says so without its arguments, which may be secrets", async () => {
    const broken = defineFunction({
      name: "broken",
      summary: "A",
      description: "A.",
      parameters: [parameter.map({ name: "map", element: "string", description: "A." })],
      returns: "string",
      run: async ({ map }) => Promise.reject(new Error(`Cannot read ${map["a"]}`)),
    });
    expect(await call(broken, { a: "hunter2-secret" })).toEqual({
      error: { text: "Could not call broken: Cannot read (sensitive value)" },
    });
  });

  test("that gives another type than it returns is a bug of the provider", async () => {
    const wrong: ProviderFunction = { ...join, run: async () => ["a"] };
    expect(await call(wrong, "-", null)).toMatchObject({
      error: { text: expect.stringContaining("A string is required, but a list was given. This is a bug") },
    });
    const undecided: ProviderFunction = { ...join, run: async () => unknown };
    expect(await call(undecided, "-", null)).toMatchObject({ error: { text: expect.stringContaining("is unknown") } });
  });

  test("that does not exist is an error", async () => {
    const server = unconfigured(null, { functions: [join] });
    expect(await server.callFunction({ name: "other", arguments: [] }, signal)).toEqual({
      error: { text: "This version of the provider has no function other." },
    });
  });

  test("is described with its parameters, their marks and its result", async () => {
    const server = unconfigured(null, { functions: [join] });
    const { functions } = await server.getFunctions(signal);
    expect(functions["join_words"]).toEqual({
      parameters: [
        {
          name: "separator",
          type: "string",
          allowNullValue: false,
          allowUnknownValues: false,
          description: "Between them.",
        },
        { name: "limit", type: "number", allowNullValue: true, allowUnknownValues: false, description: "How many." },
      ],
      variadicParameter: {
        name: "words",
        type: "string",
        allowNullValue: false,
        allowUnknownValues: false,
        description: "Words.",
      },
      returns: "string",
      summary: "Joins words",
      description: "Joins *words*.",
      deprecationMessage: "Use join.",
    });
    expect((await server.getProviderSchema(signal)).functions).toEqual(functions);
  });
});

describe("a function is refused when", () => {
  const rest = { summary: "A", description: "A.", returns: "string", run: () => "a" } as const;
  const one = parameter.string({ name: "one", description: "A." });

  test("its name is none of Terraform's", () => {
    expect(() => defineFunction({ name: "isGood", parameters: [], ...rest })).toThrow("lower-case");
  });

  test("two parameters have one name", () => {
    expect(() => defineFunction({ name: "f", parameters: [one], variadic: one, ...rest })).toThrow("same name");
  });

  test("a parameter has no proper name or no description", () => {
    expect(() => parameter.string({ name: "a-b", description: "A." })).toThrow("a-b");
    expect(() => parameter.string({ name: "ab", description: "" })).toThrow("no description");
  });

  test("two functions have one name", () => {
    const f = defineFunction({ name: "f", parameters: [], ...rest });
    expect(() => unconfigured(null, { functions: [f, f] })).toThrow("twice");
  });
});
