/** Data sources, ephemeral resources and functions over the real gRPC server. */
import { describe, expect, test } from "vitest";
import { isUnknown, unknown } from "../../../provider/framework/index.ts";
import { grpcStatus } from "../../../provider/protocol/grpc-status.ts";
import { tfplugin6Enums } from "../../../provider/protocol/messages.ts";
import { createItem, start, startConfigured } from "./acme-plugin.ts";
import { leaseCanary } from "./fixtures/acme-readings.ts";

const deferral = tfplugin6Enums["Deferred.Reason"];

test("a provider tells what it has, by names and by schemas", async () => {
  await using plugin = await start();
  const metadata = await plugin.call("GetMetadata");
  expect(metadata).toMatchObject({
    resources: [{ type_name: "acme_item" }, { type_name: "acme_old" }, { type_name: "acme_setting" }],
    data_sources: [{ type_name: "acme_item" }],
    ephemeral_resources: [{ type_name: "acme_lease" }],
    functions: [{ name: "shout" }, { name: "pick" }],
    list_resources: [{ type_name: "acme_item" }],
    actions: [{ type_name: "acme_shake" }],
    server_capabilities: {
      plan_destroy: true,
      get_provider_schema_optional: true,
      move_resource_state: true,
      generate_resource_config: true,
    },
    diagnostics: [],
  });
  const schema = await plugin.call("GetProviderSchema");
  expect(schema.server_capabilities).toEqual(metadata.server_capabilities);
  expect(schema.data_source_schemas.get("acme_item")?.block?.attributes.map(({ name }) => name)).toEqual([
    "checksum",
    "name",
    "text",
  ]);
  const lent = schema.ephemeral_resource_schemas.get("acme_lease")?.block?.attributes;
  expect(lent?.find(({ name }) => name === "token")).toMatchObject({ computed: true, sensitive: true });
  expect((await plugin.call("GetFunctions")).functions).toEqual(schema.functions);
});

describe("a data source", () => {
  const type_name = "acme_item";
  const config = { name: "one", text: null, checksum: null };

  test("is validated and read", async () => {
    await using plugin = await startConfigured();
    await createItem(plugin, "one");
    expect((await plugin.call("ValidateDataResourceConfig", { type_name, config })).diagnostics).toEqual([]);
    const spaced = { type_name, config: { ...config, name: "o n e" } };
    expect((await plugin.call("ValidateDataResourceConfig", spaced)).diagnostics).toMatchObject([
      { summary: "No spaces", attribute: { steps: [{ attribute_name: "name" }] } },
    ]);
    const read = await plugin.call("ReadDataSource", { type_name, config });
    expect(read).toMatchObject({ state: { name: "one", text: "hi", checksum: "sum of hi" }, diagnostics: [] });
    expect(read.deferred).toBeUndefined();
    expect(plugin.output.stderr).toMatch(/Reading an item\..*"tf_resource_type":"acme_item"/);
  });

  test("that is missing is an error at its attribute, and no state", async () => {
    await using plugin = await startConfigured();
    const read = await plugin.call("ReadDataSource", { type_name, config });
    expect(read.state).toBeNull();
    expect(read.diagnostics).toMatchObject([{ attribute: { steps: [{ attribute_name: "name" }] } }]);
  });

  test("of a provider that waits for its configuration is deferred where the host can, and refused elsewhere", async () => {
    await using plugin = await startConfigured(unknown);
    const refused = await plugin.call("ReadDataSource", { type_name, config });
    expect(refused.deferred).toBeUndefined();
    expect(refused.diagnostics).toHaveLength(1);
    const client_capabilities = { deferral_allowed: true };
    const deferred = await plugin.call("ReadDataSource", { type_name, config, client_capabilities });
    expect(deferred).toMatchObject({ deferred: { reason: deferral.PROVIDER_CONFIG_UNKNOWN }, diagnostics: [] });
    expect(isUnknown(Object(deferred.state).checksum)).toBe(true);
  });
});

describe("an ephemeral resource", () => {
  const type_name = "acme_lease";
  const config = { name: "ci", renew_after_ms: null, broken: null, token: null };

  test("is validated, opened, renewed and closed, and its time of renewal is told to the millisecond", async () => {
    await using plugin = await startConfigured();
    const wrong = { type_name, config: { ...config, name: null } };
    expect((await plugin.call("ValidateEphemeralResourceConfig", wrong)).diagnostics).toHaveLength(1);
    const before = Date.now();
    const opened = await plugin.call("OpenEphemeralResource", {
      type_name,
      config: { ...config, renew_after_ms: 1500 },
    });
    expect(opened.result).toMatchObject({ name: "ci", token: `${leaseCanary}-ci` });
    const { seconds = 0, nanos = 0 } = opened.renew_at ?? {};
    const renewAt = seconds * 1000 + nanos / 1_000_000;
    expect(renewAt).toBeGreaterThanOrEqual(before + 1500);
    expect(renewAt).toBeLessThanOrEqual(Date.now() + 1500);
    const renewed = await plugin.call("RenewEphemeralResource", { type_name, private: opened.private });
    expect(renewed.renew_at?.seconds).toBeGreaterThanOrEqual(seconds);
    const closed = await plugin.call("CloseEphemeralResource", { type_name, private: opened.private });
    expect(closed.diagnostics).toEqual([]);
  });

  test("can be closed after the host asked the provider to stop", async () => {
    await using plugin = await startConfigured();
    const opened = await plugin.call("OpenEphemeralResource", { type_name, config });
    expect(opened.renew_at).toBeUndefined();
    await plugin.call("StopProvider");
    const closed = await plugin.call("CloseEphemeralResource", { type_name, private: opened.private });
    expect(closed.diagnostics).toEqual([]);
  });

  test("leaves no secret in log and diagnostics, also when opening fails", async () => {
    await using plugin = await startConfigured();
    const opened = await plugin.call("OpenEphemeralResource", { type_name, config });
    expect(opened.diagnostics).toMatchObject([{ detail: "It is (sensitive value)." }]);
    const failed = await plugin.call("OpenEphemeralResource", { type_name, config: { ...config, broken: true } });
    expect(failed.result).toBeNull();
    expect(failed.diagnostics.map(({ detail }) => detail)).toEqual([
      "It is (sensitive value).",
      "No luck with (sensitive value).",
    ]);
    await plugin.shutDown();
    expect(plugin.output.stderr).toContain("Lent (sensitive value).");
    expect(plugin.output.stderr).not.toContain(leaseCanary);
  });

  test("of a provider that waits for its configuration is unknown, and needs no closing", async () => {
    await using plugin = await startConfigured(unknown);
    const opened = await plugin.call("OpenEphemeralResource", { type_name, config });
    expect(opened).toMatchObject({ diagnostics: [], result: { name: "ci" } });
    expect(isUnknown(Object(opened.result).token)).toBe(true);
    const closed = await plugin.call("CloseEphemeralResource", { type_name, private: opened.private });
    expect(closed.diagnostics).toEqual([]);
  });
});

describe("a function", () => {
  test("is described with types and Markdown", async () => {
    await using plugin = await start();
    const { functions } = await plugin.call("GetFunctions");
    expect(functions.get("shout")).toMatchObject({
      parameters: [{ name: "text", type: Buffer.from('"string"'), description_kind: 1, allow_null_value: false }],
      variadic_parameter: { name: "counts", type: Buffer.from('"number"') },
      return: { type: Buffer.from('"string"') },
      summary: "A text in capitals",
    });
  });

  test("is called without configuration, and says which argument is at fault", async () => {
    await using plugin = await start();
    expect(await plugin.call("CallFunction", { name: "shout", arguments: ["hi"] })).toEqual({
      result: "HI!",
      error: undefined,
    });
    expect(await plugin.call("CallFunction", { name: "shout", arguments: ["hi", 1, -1] })).toEqual({
      result: null,
      error: { text: "A count must not be negative", function_argument: 2 },
    });
    expect(await plugin.call("CallFunction", { name: "shout", arguments: [null] })).toMatchObject({
      error: { function_argument: 0 },
    });
    expect(isUnknown((await plugin.call("CallFunction", { name: "shout", arguments: [unknown] })).result)).toBe(true);
  });
});

test("bytes that are no request fail the call, not the process", async () => {
  await using plugin = await start();
  for (const name of ["ReadDataSource", "OpenEphemeralResource", "CallFunction"]) {
    const { status } = await plugin.connection.call(`/tfplugin6.Provider/${name}`, Buffer.from("0aff", "hex"));
    expect(status, name).toBe(grpcStatus.internal);
  }
  expect((await plugin.call("GetMetadata")).diagnostics).toEqual([]);
});
