/**
 * What does not compile. `npm run check` type-checks this file, and an error that is expected and does not come is an error itself:
 * should inference break and types become loose, it is noticed here.
 */
import { expect, expectTypeOf, test } from "vitest";
import {
  attribute,
  type ConfigOf,
  type Dynamic,
  defineFunction,
  defineIdentity,
  defineResource,
  defineSchema,
  dynamic,
  isUnknown,
  type KnownContent,
  type PlannedOf,
  parameter,
  type ResourceDefinition,
  type StateOf,
  sameDuration,
  type UnknownValue,
} from "../../../provider/framework/index.ts";

const schema = defineSchema({
  description: "A thing.",
  attributes: {
    id: attribute.string({ computed: true, description: "Id." }),
    name: attribute.string({ required: true, description: "Name." }),
    size: attribute.string({ optional: true, default: "small", oneOf: ["small", "large"], description: "Size." }),
    note: attribute.string({ optional: true, description: "Note." }),
    secret: attribute.string({ optional: true, writeOnly: true, description: "Secret." }),
    rules: attribute.nestedSet({
      optional: true,
      description: "Rules.",
      attributes: {
        port: attribute.number({ required: true, description: "Port." }),
        rule_id: attribute.string({ computed: true, description: "Id." }),
      },
    }),
  },
});
type S = typeof schema;
type Thing = StateOf<S>;
type Definition = ResourceDefinition<S, null>;

const thing: Thing = {
  id: "a",
  name: "a",
  size: "small",
  note: null,
  secret: null,
  rules: [{ port: 1, rule_id: "r" }],
};
const handlers: Pick<Definition, "create" | "read" | "update" | "delete"> = {
  create: async ({ plan }) => ({ ...plan, id: "a", rules: null }),
  read: async ({ state }) => state,
  update: async ({ state }) => state,
  delete: async () => {},
};

test("a state must be whole, known and of its literals", () => {
  const { name: _name, ...withoutName } = thing;
  // @ts-expect-error: an attribute is missing
  const missing: Thing = withoutName;
  // @ts-expect-error: there is no such attribute
  const extra: Thing = { ...thing, colour: "red" };
  // @ts-expect-error: a word that is not allowed
  const wrongWord: Thing = { ...thing, size: "huge" };
  // @ts-expect-error: a computed attribute is not null
  const nullId: Thing = { ...thing, id: null };
  // @ts-expect-error: a write-only value is in no state
  const leaked: Thing = { ...thing, secret: "hunter2" };
  // @ts-expect-error: an element of a set has all its attributes
  const halfRule: Thing = { ...thing, rules: [{ port: 1 }] };
  // @ts-expect-error: and of their types
  const wrongRule: Thing = { ...thing, rules: [{ port: "1", rule_id: "r" }] };
  expect([missing, extra, wrongWord, nullId, leaked, halfRule, wrongRule]).toHaveLength(7);
});

test("a handler that forgets that something is unknown or null does not compile", () => {
  const wrong: readonly Partial<Definition>[] = [
    // @ts-expect-error: the id of a plan may be unknown
    { create: async ({ plan }) => plan },
    // @ts-expect-error: so may what the provider computes inside a set
    { create: async ({ plan }) => ({ ...plan, id: "a" }) },
    // @ts-expect-error: an optional attribute may be null
    { read: async ({ state }) => ({ ...state, name: state.note }) },
    // @ts-expect-error: there is no such attribute to read
    { read: async ({ state }) => ({ ...state, name: state.nmae }) },
    // @ts-expect-error: a configuration being validated may be unknown
    { validate: ({ config }) => void config.name.length },
    // @ts-expect-error: there is no such attribute to plan
    { modifyPlan: ({ setPlanned }) => setPlanned("nmae", "a") },
    // @ts-expect-error: nor with a value of another type
    { modifyPlan: ({ setPlanned }) => setPlanned("id", 1) },
    // @ts-expect-error: there is no plan when a resource is destroyed
    { modifyPlan: ({ plan }) => void plan.name },
    // @ts-expect-error: a time-out has a name of these four
    { timeouts: { craete: "10m" } },
  ];
  expect(wrong).toHaveLength(9);
});

test("what a schema says is what handlers see, in sets of objects too", () => {
  type Rule<T> = T extends readonly (infer R)[] ? R : never;
  expectTypeOf<Rule<Exclude<Thing["rules"], null>>>().toEqualTypeOf<{
    readonly port: number;
    readonly rule_id: string;
  }>();
  expectTypeOf<Rule<Exclude<PlannedOf<S>["rules"], null>>["rule_id"]>().toEqualTypeOf<string | UnknownValue>();
  expectTypeOf<Rule<Exclude<PlannedOf<S>["rules"], null>>["port"]>().toEqualTypeOf<number>();
  type ConfiguredRule = Exclude<Rule<Exclude<ConfigOf<S>["rules"], null | UnknownValue>>, UnknownValue>;
  expectTypeOf<ConfiguredRule["port"]>().toEqualTypeOf<number | UnknownValue>();
  expectTypeOf<ConfiguredRule["rule_id"]>().toEqualTypeOf<null>();
});

test("a value of any type is given with its type, and read as a type only when that is the one it has", () => {
  const anything = attribute.dynamic({ optional: true, description: "Anything." });
  const settings = defineSchema({
    description: "Settings.",
    attributes: { anything, inner: attribute.single({ required: true, description: "I.", attributes: { anything } }) },
  });
  type Settings = typeof settings;
  type Known = Dynamic<KnownContent>;
  expectTypeOf<StateOf<Settings>["anything"]>().toEqualTypeOf<Known | null>();
  expectTypeOf<StateOf<Settings>["inner"]["anything"]>().toEqualTypeOf<Known | null>();
  expectTypeOf<ConfigOf<Settings>["anything"]>().toEqualTypeOf<Dynamic | UnknownValue | null>();
  // @ts-expect-error: a value without its type
  const bare: StateOf<Settings>["anything"] = "text";
  // @ts-expect-error: what looks like one
  const look: StateOf<Settings>["anything"] = { type: "string", value: "text" };
  // @ts-expect-error: its content may be anything
  const length = (held: Known): number => held.value.length;
  // @ts-expect-error: in a plan, parts of it may be unknown
  const known = (held: Dynamic): KnownContent => held.value;
  // @ts-expect-error: a default without its type
  expect(() => attribute.dynamic({ optional: true, default: "a", description: "A." })).toThrow(TypeError);
  // @ts-expect-error: a value of another type
  expect(() => dynamic.of("number", "text")).toThrow(TypeError);
  const held: Known = dynamic.of(["list", "string"], ["a"]);
  expectTypeOf(dynamic.as(held, ["list", "string"])).toEqualTypeOf<readonly string[] | undefined>();
  const first = defineFunction({
    name: "first",
    summary: "First",
    description: "First.",
    parameters: [parameter.dynamic({ name: "from", description: "From." })],
    returns: "dynamic",
    run: ({ from }) => (dynamic.as(from, "string") === "none" ? null : from),
  });
  expect([first.returns, bare, look, length, known]).toHaveLength(5);
});

test("an identity and a move are of the resource they belong to", () => {
  const attributes = { id: { type: "string", requiredForImport: true, description: "Id." } } as const;
  const importId = ({ id }: { readonly id: string }) => id;
  const identity = defineIdentity({ schema, attributes, of: ({ id }) => ({ id }), importId });
  // @ts-expect-error: the state has no such attribute
  defineIdentity({ schema, attributes, of: ({ uid }) => ({ id: uid }), importId });
  // @ts-expect-error: the identity has an id
  defineIdentity({ schema, attributes, of: () => ({}), importId });
  const bare = { id: { type: "string", description: "Id." } } as const;
  // @ts-expect-error: an attribute is required or optional for an import
  expect(() => defineIdentity({ schema, attributes: bare, of: () => ({ id: "a" }), importId })).toThrow(TypeError);
  const other = defineSchema({ description: "Another.", attributes: {} });
  const none = { create: async () => ({}), read: async () => ({}), update: async () => ({}), delete: async () => {} };
  // @ts-expect-error: the identity of another schema
  defineResource<typeof other, null>({ typeName: "acme_other", schema: other, ...none, identity });
  // @ts-expect-error: a mover makes a whole state
  const mover: Definition["moveState"] = [{ fromTypeName: "acme_old", move: () => ({ id: "a" }) }];
  expect(defineResource<S, null>({ typeName: "acme_thing", schema, ...handlers, identity }).identity).toBe(identity);
  expect(mover).toHaveLength(1);
});

test("options that do not fit an attribute do not compile", () => {
  // @ts-expect-error: a function of texts, for a number
  attribute.number({ optional: true, equal: sameDuration, description: "A." });
  // @ts-expect-error: a set of objects needs their attributes
  expect(() => attribute.nestedSet({ optional: true, description: "A." })).toThrow(TypeError);
  // @ts-expect-error: an attribute is both required and computed
  attribute.string({ required: true, computed: true, description: "A." });
  // @ts-expect-error: a default of another type
  expect(() => attribute.string({ optional: true, default: 1, description: "A." })).toThrow(TypeError);
  expect(isUnknown(thing.id)).toBe(false);
});
