import { describe, expect, test } from "vitest";
import { createProviderServer, defineSchema, unknown, type Value } from "../../../provider/framework/index.ts";
import { acme, emptyWorld, serverResource } from "./acme.ts";
import { capabilities, errorsOf, serverConfig } from "./terraform-rules.ts";

const { signal } = new AbortController();
const server = createProviderServer(acme(emptyWorld()));

async function validate(given: { readonly [name: string]: Value }) {
  return server.validateResourceConfig(
    { typeName: "acme_server", config: serverConfig(given), clientCapabilities: capabilities },
    signal,
  );
}

describe("a configuration is refused at the attribute at fault", () => {
  test.each<[string, { readonly [name: string]: Value }, string[]]>([
    ["required attribute missing", { name: null }, ["name: Missing required attribute"]],
    [
      "required in a nested object",
      { boot: boot({ volume: volume({ path: null }) }) },
      ["boot.volume.path: Missing required attribute"],
    ],
    [
      "required in a nested list",
      { ports: [{ number: null, address: null }] },
      ["ports[0].number: Missing required attribute"],
    ],
    [
      "required in a nested map",
      { disks: { "a b": { gb: null, device: null } } },
      ['disks["a b"].gb: Missing required attribute'],
    ],
    ["computed attribute set", { id: "mine" }, ["id: Attribute cannot be set"]],
    [
      "computed nested attribute set",
      { ports: [{ number: 1, address: "mine" }] },
      ["ports[0].address: Attribute cannot be set"],
    ],
    ["word not allowed", { size: "huge" }, ["size: Invalid value for size"]],
    ["text too long", { name: "a".repeat(13) }, ["name: Invalid value for name"]],
    ["text empty", { name: "" }, ["name: Invalid value for name"]],
    ["nested pattern", { boot: boot({ image: "nope" }) }, ["boot.image: Invalid value for boot.image"]],
    ["none of the exclusive siblings", { boot: boot({}) }, ["boot: Missing attribute"]],
    [
      "two exclusive siblings",
      { boot: boot({ image: "img-1", volume: volume({}) }) },
      ["boot: Conflicting attributes"],
    ],
    ["conflict at the top", { note: "a", notes: ["b"] }, [": Conflicting attributes"]],
    ["null list element", { notes: ["a", null] }, ["notes[1]: Null element"]],
    ["null map element", { tags: { a: null } }, ['tags["a"]: Null element']],
    ["number beyond 2^53", { disk_gb: 2n ** 60n }, ["disk_gb: Number out of range"]],
    ["number with too many digits", { disk_gb: "0.12345678901234567890123" }, ["disk_gb: Invalid value for disk_gb"]],
    ["wrong type", { tags: ["a"] }, ["tags: Invalid value for tags"]],
    [
      "several at once",
      { name: "", size: "huge", id: "mine" },
      ["id: Attribute cannot be set", "name: Invalid value for name", "size: Invalid value for size"],
    ],
  ])("%s", async (_, given, expected) => {
    expect(errorsOf(await validate(given))).toEqual(expected);
  });
});

describe("what is unknown is not judged", () => {
  test.each<[string, { readonly [name: string]: Value }]>([
    ["required", { name: unknown, size: unknown, region: unknown }],
    ["validated", { boot: boot({ image: unknown }) }],
    ["exclusive siblings, one unknown", { boot: boot({ image: unknown, volume: volume({}) }) }],
    ["exclusive siblings, both unknown", { boot: boot({ image: unknown, volume: unknown }) }],
    ["a nested object", { boot: unknown, ports: unknown, disks: { a: unknown } }],
    ["inside a nested object", { ports: [{ number: unknown, address: null }, unknown] }],
    ["elements", { notes: [unknown], tags: { a: unknown }, labels: [unknown] }],
    ["conflict, one unknown", { note: "a", notes: unknown }],
    ["write-only", { password: unknown }],
  ])("%s", async (_, given) => {
    expect(errorsOf(await validate(given))).toEqual([]);
  });

  test("but what is known beside it is", async () => {
    const { diagnostics } = await validate({ name: unknown, size: "huge" });
    expect(errorsOf({ diagnostics })).toEqual(["size: Invalid value for size"]);
  });
});

test("a valid configuration has no diagnostics, a deprecated attribute one warning with its advice", async () => {
  expect((await validate({})).diagnostics).toEqual([]);
  expect((await validate({ note: "hello" })).diagnostics).toEqual([
    {
      severity: "warning",
      summary: "Deprecated attribute",
      detail: "Use notes.",
      attribute: [{ attributeName: "note" }],
    },
  ]);
});

test("a write-only attribute is refused by a Terraform that would store it", async () => {
  const answer = await server.validateResourceConfig(
    {
      typeName: "acme_server",
      config: serverConfig({ password: "hunter2" }),
      clientCapabilities: { ...capabilities, writeOnlyAttributesAllowed: false },
    },
    signal,
  );
  expect(errorsOf(answer)).toEqual(["password: Write-only attribute not supported"]);
});

test("a resource's own validation sees only configurations that fit the schema, and what it throws is a diagnostic", async () => {
  const seen: unknown[] = [];
  const resource = serverResource({
    validate: ({ config, diagnostics }) => {
      seen.push(config.name);
      if (config.name === "boom") throw new Error("validation exploded");
      if (config.name === "bad") diagnostics.error("Bad name", "Choose another.", [{ attributeName: "name" }]);
    },
  });
  const own = createProviderServer(acme(emptyWorld(), resource));
  const run = async (name: string) =>
    own.validateResourceConfig(
      { typeName: "acme_server", config: serverConfig({ name }), clientCapabilities: capabilities },
      signal,
    );
  expect(errorsOf(await run("bad"))).toEqual(["name: Bad name"]);
  expect(errorsOf(await run(""))).toEqual(["name: Invalid value for name"]);
  expect((await run("boom")).diagnostics[0]?.detail).toBe("validation exploded");
  expect(seen).toEqual(["bad", "boom"]);
});

test("a validator that throws is a diagnostic, not a crash", async () => {
  const schema = defineSchema({
    description: "A.",
    validators: [
      () => {
        throw new Error("validator exploded");
      },
    ],
    attributes: {},
  });
  const fragile = createProviderServer(acme(emptyWorld(), { ...serverResource(), schema }));
  const request = { typeName: "acme_server", config: {}, clientCapabilities: capabilities };
  expect((await fragile.validateResourceConfig(request, signal)).diagnostics[0]?.detail).toBe("validator exploded");
});

test("a resource type nobody defined is a diagnostic", async () => {
  const answer = await server.validateResourceConfig(
    { typeName: "acme_unheard_of", config: null, clientCapabilities: capabilities },
    signal,
  );
  expect(errorsOf(answer)).toEqual([": Unknown resource type"]);
});

describe("the provider block", () => {
  test.each<[string, Value, Value, string[]]>([
    ["is fine empty", null, null, []],
    ["is fine unknown", unknown, unknown, []],
    ["is checked by its schema", "http://acme", null, ["endpoint: Invalid value for endpoint"]],
    ["is checked by the provider", null, "secret", ["endpoint: Missing endpoint"]],
  ])("%s", async (_, endpoint, apiToken, expected) => {
    const answer = await server.validateProviderConfig({ config: { endpoint, api_token: apiToken } }, signal);
    expect(errorsOf(answer)).toEqual(expected);
  });
});

function boot(given: { readonly [name: string]: Value }): Value {
  return { image: null, volume: null, checksum: null, ...given };
}

function volume(given: { readonly [name: string]: Value }): Value {
  return { path: "/", mode: null, token: null, ...given };
}
