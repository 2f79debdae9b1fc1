/** Values of any type: what handlers see of them, and what Terraform is told. */
import { describe, expect, test } from "vitest";
import {
  attribute,
  Dynamic,
  defineResource,
  defineSchema,
  dynamic,
  isDynamic,
  type KnownContent,
  type ObjectValue,
  requiresReplace,
  type StateOf,
  unknown,
  useStateForUnknown,
  type Value,
} from "../../../provider/framework/index.ts";
import { configured } from "./single-provider.ts";
import { capabilities, errorsOf, noBytes } from "./terraform-rules.ts";

const typeName = "acme_setting";
const { signal } = new AbortController();
const canary = "canary-9a77b3e0";
const sameNumber = (one: Dynamic, other: Dynamic) => Number(one.value) === Number(other.value);

const schema = defineSchema({
  description: "A setting.",
  version: 1,
  attributes: {
    value: attribute.dynamic({
      required: true,
      description: "Anything but false.",
      planModifiers: [requiresReplace()],
      validators: [
        ({ value }, path) =>
          value === false ? [{ severity: "error", summary: "No", detail: "Not false.", attribute: path }] : [],
      ],
    }),
    size: attribute.dynamic({ optional: true, equal: sameNumber, description: "A number, as text or not." }),
    level: attribute.dynamic({ optional: true, default: dynamic.of("number", 1), description: "A level." }),
    secret: attribute.dynamic({ optional: true, sensitive: true, description: "Anything secret." }),
    pass: attribute.dynamic({ optional: true, writeOnly: true, description: "Never kept." }),
    made: attribute.dynamic({ computed: true, description: "Made.", planModifiers: [useStateForUnknown()] }),
    fields: attribute.object({ optional: true, fields: { any: "dynamic" }, description: "Fields." }),
    inner: attribute.single({
      optional: true,
      description: "Inner.",
      attributes: { any: attribute.dynamic({ optional: true, description: "Anything." }) },
    }),
  },
});
const nulls = { size: null, level: null, secret: null, pass: null, made: null, fields: null, inner: null };
const text = (value: string) => new Dynamic("string", value);

/** The provider, and every request as a handler saw it. */
async function startSettings(make: (plan: StateOf<typeof schema>) => unknown = (plan) => plan) {
  const seen: Value[] = [];
  const state = (plan: object) =>
    make({ ...plan, made: text("made") } as StateOf<typeof schema>) as StateOf<typeof schema>;
  const resource = defineResource<typeof schema, null>({
    typeName,
    schema,
    create: async ({ plan, config }) => {
      seen.push(plan, config.pass);
      return state(plan);
    },
    read: async (request) => request.state,
    update: async ({ plan }) => state(plan),
    delete: async () => {},
    upgraders: [
      {
        from: 0,
        upgrade: (stored) => {
          if (stored["value"] === "bad") throw new Error(`Cannot read ${JSON.stringify(stored)}.`);
          return { ...stored, value: { type: "string", value: stored["value"] ?? null } };
        },
      },
    ],
  });
  const server = await configured(null, { resources: [resource] });
  return { server, seen };
}
type Started = Awaited<ReturnType<typeof startSettings>>["server"];

function plan(server: Started, config: ObjectValue, prior: Value = null) {
  const proposedNewState = { ...config, pass: null, made: prior === null ? null : text("made") };
  const request = { typeName, priorState: prior, proposedNewState, config, priorPrivate: noBytes };
  return server.planResourceChange({ ...request, clientCapabilities: capabilities }, signal);
}

async function apply(server: Started, config: ObjectValue) {
  const { plannedState } = await plan(server, config);
  const request = { typeName, priorState: null, plannedState, config, plannedPrivate: noBytes };
  return server.applyResourceChange(request, signal);
}

const upgrade = (server: Started, json: object, version = 1) =>
  server.upgradeResourceState({ typeName, version, rawStateJson: Buffer.from(JSON.stringify(json)) }, signal);

describe("a value of any type", () => {
  test("reaches handlers with its type, in objects too, and comes back as it is", async () => {
    const { server, seen } = await startSettings();
    const value = new Dynamic(["object", { a: ["list", "number"], b: "dynamic" }], { a: [1], b: null });
    const config = { ...nulls, value, pass: text("p"), fields: { any: text("x") }, inner: { any: text("y") } };
    const { newState, diagnostics } = await apply(server, config);
    expect(diagnostics).toEqual([]);
    const kept = { ...config, pass: null, level: new Dynamic("number", 1), made: text("made") };
    expect(newState).toEqual(kept);
    expect(seen).toEqual([{ ...kept, made: unknown }, text("p")]);
  });

  test("that is null or unknown is null or unknown for handlers, and keeps its type for Terraform", async () => {
    const { server } = await startSettings();
    const typed = { value: new Dynamic("string", unknown), inner: { any: new Dynamic("bool", null) } };
    const config = { ...nulls, ...typed, secret: unknown, size: new Dynamic("number", null) };
    const planned = await plan(server, config);
    expect(planned.diagnostics).toEqual([]);
    expect(planned.plannedState).toEqual({ ...config, level: new Dynamic("number", 1), made: unknown });
    const missing = { ...nulls, value: new Dynamic("string", null) };
    const request = { typeName, config: missing, clientCapabilities: capabilities };
    expect(errorsOf(await server.validateResourceConfig(request, signal))).toEqual([
      "value: Missing required attribute",
    ]);
    const stored = await upgrade(server, { ...nulls, value: { type: "string", value: null }, made: null });
    expect(stored.upgradedState).toMatchObject({ value: new Dynamic("string", null), made: null });
  });

  test("is replaced when its type changes, and unchanged when only the order of a set does", async () => {
    const { server } = await startSettings();
    const set = (...value: string[]) => new Dynamic(["set", "string"], value);
    const { newState } = await apply(server, { ...nulls, value: set("a", "b") });
    const same = await plan(server, { ...nulls, value: set("b", "a"), level: null }, newState);
    expect(same).toMatchObject({ plannedState: newState, requiresReplace: [] });
    const list = new Dynamic(["list", "string"], ["a", "b"]);
    const changed = await plan(server, { ...nulls, value: list }, newState);
    expect(changed.requiresReplace).toEqual([[{ attributeName: "value" }]]);
    expect(changed.plannedState).toMatchObject({ value: list, made: text("made") });
  });

  test("that means the same in another type is no change where the attribute says so", async () => {
    const { server } = await startSettings();
    const { newState } = await apply(server, { ...nulls, value: text("x"), size: text("10") });
    const same = await plan(server, { ...nulls, value: text("x"), size: new Dynamic("number", 10) }, newState);
    expect(same.plannedState).toEqual(newState);
  });

  test("is seen by validators unless it is unknown, and must have the type it says", async () => {
    const { server } = await startSettings();
    const errors = async (value: Value) => {
      const request = { typeName, config: { ...nulls, value }, clientCapabilities: capabilities };
      return errorsOf(await server.validateResourceConfig(request, signal));
    };
    expect(await errors(new Dynamic("bool", false))).toEqual(["value: No"]);
    expect(await errors(new Dynamic("bool", unknown))).toEqual([]);
    expect(await errors(unknown)).toEqual([]);
    expect(await errors(new Dynamic("bool", "text"))).toEqual(["value: Invalid value for value"]);
    expect(await errors(new Dynamic(["list", "string"], ["a", null]))).toEqual(["value[1]: Null element"]);
    expect(await errors("bare")).toEqual(["value: Invalid value for value"]);
  });

  test("that a handler changes against the plan, or returns without its type, is a bug that is named", async () => {
    const changing = await startSettings((state) => ({ ...state, value: new Dynamic("number", 1) }));
    const { diagnostics } = await apply(changing.server, { ...nulls, value: text("1") });
    expect(diagnostics[0]?.detail).toMatch(/^value cannot be recorded: the value differs from the planned one\./);
    const bare = await startSettings((state) => ({ ...state, made: "bare" }));
    const answer = await apply(bare.server, { ...nulls, value: text("1") });
    expect(answer.diagnostics[0]?.detail).toMatch(/A value with its type is required, but a string was given\./);
  });

  test("that is sensitive is in no diagnostic, and words that are types stay", async () => {
    const { server } = await startSettings(() => {
      throw new Error(`The string ${canary} is bad.`);
    });
    const secret = new Dynamic(["object", { key: "string" }], { key: canary });
    const { diagnostics } = await apply(server, { ...nulls, value: text("x"), secret });
    expect(diagnostics.map(({ detail }) => detail)).toEqual(["The string (sensitive value) is bad."]);
  });

  test("is read from state files, also by upgraders", async () => {
    const { server } = await startSettings();
    const stored = {
      ...nulls,
      value: { type: ["list", "number"], value: [1, 0.5] },
      made: { type: "bool", value: true },
    };
    const { upgradedState, diagnostics } = await upgrade(server, stored);
    expect(diagnostics).toEqual([]);
    expect(upgradedState).toMatchObject({
      value: new Dynamic(["list", "number"], [1, 0.5]),
      made: { value: true },
    });
    expect(await upgrade(server, { ...nulls, value: "x" }, 0)).toMatchObject({ upgradedState: { value: text("x") } });
    expect(errorsOf(await upgrade(server, { ...nulls, value: { type: "text", value: 1 } }))).toHaveLength(1);
  });

  test("that is sensitive is in no diagnostic of an upgrader that quotes the state file", async () => {
    const { server } = await startSettings();
    const secret = { type: ["list", "string"], value: [canary] };
    const { diagnostics } = await upgrade(
      server,
      { ...nulls, value: "bad", secret, inner: { secret: `${canary}-old` } },
      0,
    );
    expect(diagnostics[0]?.detail).toMatch(/^Cannot read .*"string".*"\(sensitive value\)"/);
    expect(JSON.stringify(diagnostics)).not.toContain(canary);
  });
});

describe("a schema", () => {
  const any = attribute.dynamic({ optional: true, description: "Any." });
  test.each([
    ["a list", attribute.list({ element: "dynamic", optional: true, description: "L." })],
    ["an object in a map", attribute.map({ element: ["object", { a: "dynamic" }], optional: true, description: "M." })],
    ["a nested set", attribute.nestedSet({ optional: true, attributes: { any }, description: "S." })],
    ["a nested list", attribute.nestedList({ optional: true, attributes: { any }, description: "L." })],
  ])("with values of any type in %s is refused", (_, refused) => {
    expect(() => defineSchema({ description: "S.", attributes: { refused } })).toThrow(
      new TypeError("Attribute refused: a list, set or map cannot have parts of a dynamic type."),
    );
  });
});

describe("making and reading values", () => {
  test("JSON gets the type of the same literal, or that of a value before where it fits", () => {
    expect(dynamic.from({ a: [1, "x"], b: null })).toEqual(
      new Dynamic(["object", { a: ["tuple", ["number", "string"]], b: "dynamic" }], { a: [1, "x"], b: null }),
    );
    const before = new Dynamic(["list", "string"], ["a"]);
    expect(dynamic.from(["b", "c"], before)).toEqual(new Dynamic(["list", "string"], ["b", "c"]));
    expect(dynamic.from([1], before)).toEqual(new Dynamic(["tuple", ["number"]], [1]));
    expect(dynamic.from(null, before)).toBeNull();
  });

  test("a value must have the type it is made with", () => {
    expect(() => dynamic.of("string", JSON.parse("1"))).toThrow(TypeError);
    expect(isDynamic(dynamic.of("string", "a"))).toBe(true);
    expect(isDynamic({ type: "string", value: "a" })).toBe(false);
  });

  test("content is given out as the type it has, and as no other", () => {
    const held: Dynamic<KnownContent> = dynamic.of(["object", { a: "number" }], { a: 1 });
    expect(dynamic.as(held, ["object", { a: "number" }])?.a).toBe(1);
    expect(dynamic.as(held, ["map", "number"])).toBeUndefined();
  });
});
