/** What no CLI of ours calls yet, over the real gRPC server: list resources, actions, generated configuration. */
import { describe, expect, test } from "vitest";
import type { Value } from "../../../provider/framework/index.ts";
import { decodeDynamicValue, encodeDynamicValue } from "../../../provider/protocol/dynamic-value.ts";
import { grpcStatus } from "../../../provider/protocol/grpc-status.ts";
import { tfplugin6 } from "../../../provider/protocol/messages.ts";
import { decodeMessage, encodeMessage } from "../../../provider/protocol/protobuf.ts";
import type { Plugin } from "../../../provider/testing/start-plugin.ts";
import { createItem, start, startConfigured } from "./acme-plugin.ts";

const type_name = "acme_item";

/** The events of a listing, with plain values. */
async function list(plugin: Plugin, config: Value, limit = 100, include_resource_object = false) {
  const request = { type_name, config: encodeDynamicValue(config), limit, include_resource_object };
  const bytes = encodeMessage(tfplugin6["ListResource.Request"], request);
  const answer = await plugin.connection.call("/tfplugin6.Provider/ListResource", bytes);
  expect(answer.status).toBe(grpcStatus.ok);
  return answer.bodies.map((body) => {
    const event = decodeMessage(tfplugin6["ListResource.Event"], body);
    const { resource_object } = event;
    return {
      identity: decodeDynamicValue(event.identity?.identity_data),
      name: event.display_name,
      object: resource_object && decodeDynamicValue(resource_object),
      problems: event.diagnostic.map(({ summary }) => summary),
    };
  });
}

async function invoke(plugin: Plugin, times: number) {
  const request = { action_type: "acme_shake", config: encodeDynamicValue({ times }) };
  const bytes = encodeMessage(tfplugin6["InvokeAction.Request"], request);
  const answer = await plugin.connection.call("/tfplugin6.Provider/InvokeAction", bytes);
  expect(answer.status).toBe(grpcStatus.ok);
  return answer.bodies.map((body) => decodeMessage(tfplugin6["InvokeAction.Event"], body));
}

describe("a list resource at the wire", () => {
  test("is described by its own schema, beside the managed type and its identity", async () => {
    await using plugin = await start();
    const schema = await plugin.call("GetProviderSchema");
    expect(schema.list_resource_schemas.get(type_name)?.block?.attributes.map(({ name }) => name)).toEqual(["prefix"]);
    const { identity_schemas } = await plugin.call("GetResourceIdentitySchemas");
    expect(identity_schemas.has(type_name)).toBe(true);
  });

  test("streams identity and display name, and the object when asked", async () => {
    await using plugin = await startConfigured();
    for (const name of ["one", "two"]) await createItem(plugin, name);
    expect(await list(plugin, null)).toEqual([
      { identity: { id: "item-one" }, name: "Item one", object: undefined, problems: [] },
      { identity: { id: "item-two" }, name: "Item two", object: undefined, problems: [] },
    ]);
    const [only, ...more] = await list(plugin, { prefix: "item-t" }, 1, true);
    expect(more).toEqual([]);
    expect(only).toMatchObject({ identity: { id: "item-two" }, object: { name: "two", text: "hi", timeouts: null } });
  });

  test("is validated, and an error is an event without identity", async () => {
    await using plugin = await start();
    const validated = await plugin.call("ValidateListResourceConfig", { type_name, config: { prefix: "a" } });
    expect(validated.diagnostics).toEqual([]);
    expect(await list(plugin, null)).toEqual([
      { identity: null, name: "", object: undefined, problems: ["Could not list acme_item"] },
    ]);
  });
});

describe("an action at the wire", () => {
  test("is described, validated and planned", async () => {
    await using plugin = await startConfigured();
    const schema = await plugin.call("GetProviderSchema");
    expect(schema.action_schemas.get("acme_shake")?.schema?.block?.attributes).toMatchObject([
      { name: "pause_ms" },
      { name: "times" },
    ]);
    const invalid = await plugin.call("ValidateActionConfig", { action_type: "acme_shake", config: { times: null } });
    expect(invalid.diagnostics).toMatchObject([{ attribute: { steps: [{ attribute_name: "times" }] } }]);
    const planned = await plugin.call("PlanAction", { action_type: "acme_shake", config: { times: 1 } });
    expect(planned).toEqual({ diagnostics: [], deferred: undefined });
  });

  test("streams its progress and ends with its diagnostics", async () => {
    await using plugin = await startConfigured();
    expect(await invoke(plugin, 2)).toEqual([
      { progress: { message: "Shake 1." }, completed: undefined },
      { progress: { message: "Shake 2." }, completed: undefined },
      { progress: undefined, completed: { diagnostics: [] } },
    ]);
    const failed = await invoke(plugin, 3);
    expect(failed.map(({ progress }) => progress?.message)).toEqual(["Shake 1.", "Shake 2.", "Shake 3.", undefined]);
    expect(failed.at(-1)?.completed?.diagnostics).toMatchObject([
      { summary: "Broken", attribute: { steps: [{ attribute_name: "times" }] } },
    ]);
    expect(plugin.output.stderr).toMatch(/"tf_rpc":"InvokeAction"[^\n]*"tf_resource_type":"acme_shake"/);
  });
});

test("a state becomes the configuration that leads to it", async () => {
  await using plugin = await startConfigured();
  await createItem(plugin, "one");
  const [found] = await list(plugin, null, 1, true);
  const generated = await plugin.call("GenerateResourceConfig", { type_name, state: found?.object ?? null });
  expect(generated.diagnostics).toEqual([]);
  expect(generated.config).toMatchObject({ name: "one", text: "hi", id: null, checksum: null, amount: null });
  const validated = await plugin.call("ValidateResourceConfig", { type_name, config: generated.config });
  expect(validated.diagnostics).toEqual([]);
});

test("bytes that are no request fail the stream, not the process", async () => {
  await using plugin = await start();
  for (const name of ["ListResource", "InvokeAction"]) {
    const { status } = await plugin.connection.call(`/tfplugin6.Provider/${name}`, Buffer.from("0aff", "hex"));
    expect(status, name).toBe(grpcStatus.internal);
  }
  expect((await plugin.call("GetMetadata")).diagnostics).toEqual([]);
});
