import { describe, expect, expectTypeOf, test } from "vitest";
import {
  attribute,
  type ConfigOf,
  createProviderServer,
  defineProvider,
  defineResource,
  defineSchema,
  type KnownConfigOf,
  type PlannedOf,
  type PlanOf,
  type StateOf,
  type UnknownValue,
} from "../../../provider/framework/index.ts";
import { acme, emptyWorld, type serverSchema, type World } from "./acme.ts";

type Server = typeof serverSchema;

describe("the types of a schema", () => {
  test("state is null only where the schema allows it, and never unknown", () => {
    expectTypeOf<StateOf<Server>["id"]>().toEqualTypeOf<string>();
    expectTypeOf<StateOf<Server>["size"]>().toEqualTypeOf<"small" | "large">();
    expectTypeOf<StateOf<Server>["note"]>().toEqualTypeOf<string | null>();
    expectTypeOf<StateOf<Server>["disk_gb"]>().toEqualTypeOf<number>();
    expectTypeOf<StateOf<Server>["retired_at"]>().toEqualTypeOf<string | null>();
    expectTypeOf<StateOf<Server>["password"]>().toEqualTypeOf<null>();
    expectTypeOf<StateOf<Server>["tags"]>().toEqualTypeOf<{ readonly [name: string]: string } | null>();
  });

  test("a configuration may be unknown anywhere, and null unless required", () => {
    expectTypeOf<ConfigOf<Server>["name"]>().toEqualTypeOf<string | UnknownValue>();
    expectTypeOf<ConfigOf<Server>["disk_gb"]>().toEqualTypeOf<number | UnknownValue | null>();
    expectTypeOf<ConfigOf<Server>["id"]>().toEqualTypeOf<null>();
    expectTypeOf<ConfigOf<Server>["password"]>().toEqualTypeOf<string | UnknownValue | null>();
    expectTypeOf<KnownConfigOf<Server>["password"]>().toEqualTypeOf<string | null>();
  });

  test("during apply only computed attributes may be unknown", () => {
    expectTypeOf<PlannedOf<Server>["name"]>().toEqualTypeOf<string>();
    expectTypeOf<PlannedOf<Server>["disk_gb"]>().toEqualTypeOf<number>();
    expectTypeOf<PlannedOf<Server>["zone"]>().toEqualTypeOf<string | UnknownValue>();
    expectTypeOf<PlanOf<Server>["name"]>().toEqualTypeOf<string | UnknownValue>();
    type Port = NonNullable<PlannedOf<Server>["ports"]>[number];
    expectTypeOf<Port["number"]>().toEqualTypeOf<number>();
    expectTypeOf<Port["address"]>().toEqualTypeOf<string | UnknownValue>();
  });

  test("options that do not exist do not compile", () => {
    // @ts-expect-error: it is called validators
    attribute.string({ required: true, description: "A.", validator: [] });
    // @ts-expect-error: nobody may set it
    attribute.string({ description: "A." });
    // @ts-expect-error: a default of another type
    expect(() => attribute.bool({ optional: true, default: "yes", description: "A." })).toThrow(TypeError);
  });

  test("a validator written in place knows the type of its value", () => {
    const tags = attribute.map({
      element: "string",
      required: true,
      description: "Tags.",
      validators: [
        (value) => {
          expectTypeOf(value).toEqualTypeOf<{ readonly [name: string]: string | UnknownValue }>();
          return [];
        },
      ],
    });
    const schema = defineSchema({ description: "A.", attributes: { tags } });
    expectTypeOf<StateOf<typeof schema>["tags"]>().toEqualTypeOf<{ readonly [name: string]: string }>();
  });
});

describe("a schema is refused when Terraform would refuse it", () => {
  const text = attribute.string({ optional: true, description: "A." });

  test.each(["Name", "1st", "a-b", "count", "for_each", "provider", "lifecycle"])("attribute name %s", (name) => {
    expect(() => defineSchema({ description: "A.", attributes: { [name]: text } })).toThrow(name);
  });

  test("a write-only attribute that is computed", () => {
    const secret = attribute.string({ optional: true, computed: true, writeOnly: true, description: "A." });
    expect(() => defineSchema({ description: "A.", attributes: { secret } })).toThrow("write-only");
  });

  test("an attribute without description, however deep", () => {
    const inner = attribute.string({ optional: true, description: "" });
    const outer = attribute.single({ optional: true, description: "A.", attributes: { inner } });
    expect(() => defineSchema({ description: "A.", attributes: { outer } })).toThrow("outer.inner");
  });
});

describe("definitions are refused before Terraform sees them", () => {
  const schema = defineSchema({ description: "A.", version: 2, attributes: {} });
  const handlers = {
    create: async () => ({}),
    read: async () => null,
    update: async () => ({}),
    delete: async () => {},
  };

  test("an older schema version without upgrader", () => {
    const upgraders = [{ from: 1, upgrade: (state: object) => ({ ...state }) }];
    expect(() => defineResource({ typeName: "acme_a", schema, upgraders, ...handlers })).toThrow("from version 0");
  });

  test("an upgrader beyond the schema version", () => {
    const upgraders = [0, 1].map((from) => ({ from, to: 3, upgrade: (state: object) => ({ ...state }) }));
    expect(() => defineResource({ typeName: "acme_a", schema, upgraders, ...handlers })).toThrow("version 0 to 3");
  });

  test("two resources of one name, and a name of another provider", () => {
    const empty = defineSchema({ description: "A.", attributes: {} });
    const resource = (typeName: string) => defineResource({ typeName, schema: empty, ...handlers });
    const provider = { name: "acme", version: "1", schema: empty, configure: () => null };
    expect(() => defineProvider({ ...provider, resources: [resource("acme_a"), resource("acme_a")] })).toThrow("twice");
    expect(() => defineProvider({ ...provider, resources: [resource("other_a")] })).toThrow('"acme_"');
  });
});

test("the schema reaches Terraform with types, nesting and marks", async () => {
  const server = createProviderServer<World>(acme(emptyWorld()));
  const answer = await server.getProviderSchema(new AbortController().signal);
  expect(answer.diagnostics).toEqual([]);
  expect(answer.serverCapabilities).toEqual({
    planDestroy: true,
    getProviderSchemaOptional: true,
    moveResourceState: true,
    generateResourceConfig: true,
  });
  expect(answer.provider.block.attributes.map(({ name, sensitive }) => [name, sensitive])).toEqual([
    ["api_token", true],
    ["endpoint", false],
  ]);
  const resource = answer.resources["acme_server"];
  expect(resource?.version).toBe(2);
  const attributes = new Map(resource?.block.attributes.map((found) => [found.name, found]));
  expect(attributes.get("tags")).toEqual({
    name: "tags",
    type: ["map", "string"],
    description: "Tags.",
    required: false,
    optional: true,
    computed: false,
    sensitive: false,
    writeOnly: false,
    deprecated: false,
  });
  expect(attributes.get("disk_gb")).toMatchObject({ type: "number", optional: true, computed: true });
  expect(attributes.get("note")).toMatchObject({ deprecated: true });
  expect(attributes.get("password")).toMatchObject({ writeOnly: true });
  expect(attributes.get("boot")?.type).toBeUndefined();
  expect(attributes.get("boot")?.nestedType?.nesting).toBe("single");
  expect(attributes.get("ports")?.nestedType).toMatchObject({
    nesting: "list",
    attributes: [
      { name: "address", type: "string", computed: true },
      { name: "number", type: "number", required: true },
    ],
  });
  expect(attributes.get("disks")?.nestedType?.nesting).toBe("map");
});
