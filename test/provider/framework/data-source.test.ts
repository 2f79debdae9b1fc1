import { describe, expect, expectTypeOf, test } from "vitest";
import {
  AttributeError,
  attribute,
  attributePath,
  type DataSourceDefinition,
  defineDataSource,
  defineSchema,
  lengthBetween,
  requiresReplace,
  unknown,
  type Value,
} from "../../../provider/framework/index.ts";
import { configured, unconfigured } from "./single-provider.ts";
import { capabilities, errorsOf } from "./terraform-rules.ts";

const zoneSchema = defineSchema({
  description: "A zone.",
  attributes: {
    name: attribute.string({ required: true, description: "Name.", validators: [lengthBetween(2, 10)] }),
    label: attribute.string({ optional: true, description: "Label." }),
    region: attribute.string({ optional: true, computed: true, description: "Region." }),
    key: attribute.string({ computed: true, sensitive: true, nullable: true, description: "Key." }),
    hosts: attribute.nestedList({
      computed: true,
      description: "Hosts.",
      attributes: { address: attribute.string({ computed: true, description: "Address." }) },
    }),
  },
});
type Zones = Map<string, string>;
type Zone = DataSourceDefinition<typeof zoneSchema, Zones>;

const { signal } = new AbortController();
const typeName = "acme_zone";
const zones: Zones = new Map([["eu-1", "eu"]]);
const written = { name: "eu-1", label: null, region: null, key: null, hosts: null };

const read: Zone["read"] = async ({ config, client }) => ({
  ...config,
  region: config.region ?? client.get(config.name) ?? "nowhere",
  key: "hunter2-key",
  hosts: [{ address: "10.0.0.1" }],
});

function zone(handlers: Partial<Zone> = {}) {
  return defineDataSource<typeof zoneSchema, Zones>({ typeName, schema: zoneSchema, read, ...handlers });
}

async function readWith(handlers: Partial<Zone>, config: Value = written, endpoint?: Value, deferralAllowed = false) {
  const server = await configured(zones, { dataSources: [zone(handlers)] }, endpoint);
  const clientCapabilities = { ...capabilities, deferralAllowed };
  return server.readDataSource({ typeName, config, clientCapabilities }, signal);
}

describe("a data source", () => {
  test("is read with its configuration and the client, and its state is what the handler returned", async () => {
    const { state, diagnostics } = await readWith({});
    expect(diagnostics).toEqual([]);
    expect(state).toEqual({
      name: "eu-1",
      label: null,
      region: "eu",
      key: "hunter2-key",
      hosts: [{ address: "10.0.0.1" }],
    });
  });

  test("has the types of its schema", () => {
    type Config = Parameters<Zone["read"]>[0]["config"];
    expectTypeOf<Config["name"]>().toEqualTypeOf<string>();
    expectTypeOf<Config["region"]>().toEqualTypeOf<string | null>();
    expectTypeOf<Config["hosts"]>().toEqualTypeOf<null>();
    // @ts-expect-error: hosts are missing
    zone({ read: async () => ({ name: "eu-1", label: null, region: "eu", key: null }) });
  });

  test("is validated by its schema first, then by itself, with paths", async () => {
    const validate: Zone["validate"] = ({ config, diagnostics }) => {
      if (config.label === "no") diagnostics.error("No", "Say yes.", attributePath("label"));
    };
    const server = unconfigured(zones, { dataSources: [zone({ validate })] });
    const check = (given: { readonly [name: string]: Value }) =>
      server.validateDataResourceConfig({ typeName, config: { ...written, ...given } }, signal);
    expect(errorsOf(await check({ name: "x", key: "mine" }))).toEqual([
      "name: Invalid value for name",
      "key: Attribute cannot be set",
    ]);
    expect(errorsOf(await check({ label: "no" }))).toEqual(["label: No"]);
    expect(errorsOf(await check({ name: unknown }))).toEqual([]);
  });

  test("that fails says where and why, without the secrets of the provider block", async () => {
    const answer = await readWith({
      read: async () => {
        throw new AttributeError(attributePath("name"), "No such zone", "Not with top-secret-token.");
      },
    });
    expect(answer.state).toBeNull();
    expect(answer.diagnostics).toEqual([
      {
        severity: "error",
        summary: "No such zone",
        detail: "Not with (sensitive value).",
        attribute: attributePath("name"),
      },
    ]);
  });

  test("that reports an error has no state, and a warning does not disturb it", async () => {
    const failed = await readWith({
      read: async (request) => {
        request.diagnostics.error("Half", "Only half of it.");
        return read(request);
      },
    });
    expect(failed.state).toBeNull();
    const warned = await readWith({
      read: async (request) => {
        request.diagnostics.warn("Old", "Its key is hunter2-key.");
        return read(request);
      },
    });
    expect(warned.state).toMatchObject({ region: "eu" });
    expect(warned.diagnostics[0]?.detail).toBe("Its key is (sensitive value).");
  });

  test.each<[string, object]>([
    ["hosts cannot be recorded: A list is required, but a string was given.", { hosts: "none" }],
    ["name differs from the configuration.", { name: "eu-2" }],
    ["label differs from the configuration.", { label: "made up" }],
    ["region cannot be recorded: the value is still unknown after apply.", { region: unknown }],
    ["region cannot be recorded: the value is null, which the schema excludes.", { region: null }],
  ])("whose handler returns what does not fit is a bug of the provider: %s", async (problem, wrong) => {
    const broken = zone({ read: async (request) => Object.assign({}, await read(request), wrong) });
    const server = await configured(zones, { dataSources: [broken] });
    const answer = await server.readDataSource({ typeName, config: written, clientCapabilities: capabilities }, signal);
    expect(answer.state).toBeNull();
    expect(answer.diagnostics).toHaveLength(1);
    expect(answer.diagnostics[0]?.detail).toBe(`${problem} This is a bug in the provider; please report it.`);
  });

  test("of a provider that waits for its configuration is refused with what to do, and never read", async () => {
    const never: Zone["read"] = async () => expect.unreachable();
    const refused = await readWith({ read: never }, written, unknown);
    expect(refused.state).toBeNull();
    expect(refused.deferred).toBeUndefined();
    expect(refused.diagnostics[0]?.detail).toContain("depends_on");
    const deferred = await readWith({ read: never }, written, unknown, true);
    expect(deferred).toMatchObject({ diagnostics: [], deferred: "provider configuration unknown" });
    expect(deferred.state).toEqual({ ...written, region: unknown, key: unknown, hosts: unknown });
  });

  test("whose own configuration is not known never reaches its handler", async () => {
    const never: Zone["read"] = async () => expect.unreachable();
    const config = { ...written, name: unknown };
    expect(errorsOf(await readWith({ read: never }, config))).toEqual([": Could not read acme_zone"]);
    const deferred = await readWith({ read: never }, config, "https://acme", true);
    expect(deferred).toMatchObject({ diagnostics: [], deferred: "resource configuration unknown" });
  });

  test("of a provider that is not configured, or without it, is an error", async () => {
    const server = unconfigured(zones, { dataSources: [zone()] });
    const request = { typeName, config: written, clientCapabilities: capabilities };
    expect(errorsOf(await server.readDataSource(request, signal))).toEqual([": Could not read acme_zone"]);
    const other = await server.readDataSource({ ...request, typeName: "acme_other" }, signal);
    expect(errorsOf(other)).toEqual([": Unknown data source"]);
  });
});

describe("the schema of a data source is refused when", () => {
  const text = { optional: true, description: "A." } as const;

  test.each([
    ["it has a default", attribute.string({ ...text, default: "a" })],
    ["it is write-only", attribute.string({ ...text, writeOnly: true })],
    ["it modifies plans", attribute.string({ ...text, planModifiers: [requiresReplace()] })],
  ])("%s", (_, inner) => {
    const outer = attribute.single({ ...text, attributes: { inner } });
    const schema = defineSchema({ description: "A.", attributes: { outer } });
    const define = () =>
      defineDataSource<typeof schema, null>({ typeName, schema, read: async () => ({ outer: null }) });
    expect(define).toThrow("attribute outer.inner has");
  });

  test("it has a version", () => {
    const schema = defineSchema({ description: "A.", version: 1, attributes: {} });
    expect(() => defineDataSource({ typeName, schema, read: async () => ({}) })).toThrow("schema version");
  });
});
