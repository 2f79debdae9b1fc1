import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { Value } from "../../../provider/framework/index.ts";
import { formatDurationMs, parseDurationMs } from "../../../provider/framework/values/duration.ts";
import { emptyWorld, settle } from "./acme.ts";
import { capabilities, errorsOf, noBytes, serverConfig, startWith, tryApply } from "./terraform-rules.ts";

/** All four, with a time-out so long that only a test that sets a shorter one meets it. */
const timeouts = { create: "20m", read: "1h", update: "1h30m", delete: "90s" };
const withTimeouts = (given: Value): Value => serverConfig({ timeouts: given });
const only = (operation: string): Value => ({
  create: null,
  read: null,
  update: null,
  delete: null,
  [operation]: "20ms",
});

async function untilAborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, "abort");
  throw signal.reason;
}

describe("the timeouts attribute", () => {
  test("bounds a create, and says which time-out passed, what is on record and how to give it more time", async () => {
    const core = await startWith({
      timeouts,
      create: async ({ plan, saveState, signal }) => {
        saveState(settle(plan, "half", 1));
        return untilAborted(signal);
      },
    });
    const answer = await tryApply(core, null, withTimeouts(only("create")));
    expect(errorsOf(answer)).toEqual(["timeouts.create: Could not create acme_server in time"]);
    expect(answer.newState).toMatchObject({ id: "half", timeouts: { create: "20ms" } });
    const detail = answer.diagnostics[0]?.detail;
    expect(detail).toContain("The time-out timeouts.create of 20ms passed before the create had finished.");
    expect(detail).toContain("What exists is on record, marked as tainted");
    expect(detail).toContain('set timeouts.create, for example to "1s"');
  });

  test("bounds update and delete with what configuration and state say, and keeps the state before", async () => {
    const core = await startWith({
      timeouts,
      update: ({ signal }) => untilAborted(signal),
      delete: ({ signal }) => untilAborted(signal),
    });
    const state = await core.apply(null, withTimeouts(only("delete")));
    const update = await tryApply(core, state, { ...Object(withTimeouts(only("update"))), name: "db" });
    expect(errorsOf(update)).toEqual(["timeouts.update: Could not update acme_server in time"]);
    expect(update.newState).toEqual(state);
    const deletion = await tryApply(core, state, null);
    expect(errorsOf(deletion)).toEqual(["timeouts.delete: Could not delete acme_server in time"]);
    expect(deletion.newState).toEqual(state);
  });

  test("bounds a read with what the state says, and then the state stays", async () => {
    const core = await startWith({ timeouts, read: ({ signal }) => untilAborted(signal) });
    const currentState = await core.apply(null, withTimeouts(only("read")));
    const request = { typeName: "acme_server", currentState, private: noBytes, clientCapabilities: capabilities };
    const answer = await core.server.readResource(request, core.signal);
    expect(answer.newState).toEqual(currentState);
    expect(errorsOf(answer)).toEqual(["timeouts.read: Could not read acme_server in time"]);
  });

  test("says what was being done when the handler fails by an error of its own after its time was up", async () => {
    const core = await startWith({
      timeouts,
      create: async ({ signal }) =>
        untilAborted(signal).catch(() => Promise.reject(new Error("Waiting for the disk."))),
    });
    const { diagnostics } = await tryApply(core, null, withTimeouts(only("create")));
    expect(diagnostics.map(({ detail }) => detail).join()).toContain("The provider says: Waiting for the disk.");
  });

  test("leaves the error alone of what fails in time, and the success of what ends too late", async () => {
    const core = await startWith({
      timeouts,
      create: async ({ plan, signal }) => {
        if (plan.name === "bad") throw new Error("No disk.");
        await untilAborted(signal).catch(() => {});
        return settle(plan, "late", 1);
      },
    });
    const failed = await tryApply(core, null, { ...Object(withTimeouts(null)), name: "bad" });
    expect(failed.diagnostics).toEqual([
      { severity: "error", summary: "Could not create acme_server", detail: "No disk." },
    ]);
    expect(await tryApply(core, null, withTimeouts(only("create")))).toMatchObject({
      newState: { id: "late" },
      diagnostics: [],
    });
  });

  test("is never seen by a handler, and never missing in a state", async () => {
    const seen: string[] = [];
    const look = (...values: unknown[]) => seen.push(JSON.stringify(values));
    const core = await startWith({
      timeouts,
      validate: ({ config }) => void look(config),
      modifyPlan: ({ config, state, plan }) => void look(config, state, Object.keys(plan ?? {})),
      create: async ({ plan, config }) => {
        look(config, Object.keys(plan));
        return settle(plan, "a", 1);
      },
      read: async ({ state }) => {
        look(state);
        return state;
      },
      delete: async ({ state }) => void look(state),
      importState: async ({ client }) => [...client.servers.values()][0] ?? null,
    });
    const config = withTimeouts(only("create"));
    const request = { typeName: "acme_server", config, clientCapabilities: capabilities };
    expect(errorsOf(await core.server.validateResourceConfig(request, core.signal))).toEqual([]);
    const state = await core.apply(null, withTimeouts({ create: "1m", read: null, update: null, delete: null }));
    const read = { typeName: "acme_server", currentState: state, private: noBytes, clientCapabilities: capabilities };
    expect((await core.server.readResource(read, core.signal)).newState).toEqual(state);
    await core.apply(state, null);
    expect(seen.length).toBeGreaterThan(4);
    expect(seen.join()).not.toContain("timeouts");
  });

  test("changes alone without an update, makes no diff when it stays, and is null after an import", async () => {
    const world = emptyWorld();
    const core = await startWith({ timeouts, update: () => Promise.reject(new Error("Nothing to update.")) }, world);
    const state = await core.apply(null, withTimeouts(null));
    const longer = withTimeouts({ create: "1h", read: null, update: null, delete: null });
    const changed = await core.apply(state, longer);
    expect(changed).toEqual({ ...Object(state), timeouts: Object(longer).timeouts });
    expect(await core.plan(changed, longer)).toMatchObject({ planned: changed, diagnostics: [] });
    const request = { typeName: "acme_server", id: "server-1", clientCapabilities: capabilities };
    const { importedResources } = await core.server.importResourceState(request, core.signal);
    expect(importedResources[0]?.state).toMatchObject({ id: "server-1", timeouts: null });
  });

  test("takes durations only", async () => {
    const core = await startWith({ timeouts });
    const config = withTimeouts({ create: "soon", read: "10m", update: "0s", delete: "-1m" });
    const request = { typeName: "acme_server", config, clientCapabilities: capabilities };
    expect(errorsOf(await core.server.validateResourceConfig(request, core.signal))).toEqual([
      "timeouts.create: Invalid value for timeouts.create",
      "timeouts.update: Invalid value for timeouts.update",
      "timeouts.delete: Invalid value for timeouts.delete",
    ]);
  });

  test("has the operations a resource names, and no others", async () => {
    const core = await startWith({ timeouts: { create: "10m" } });
    const { resources } = await core.server.getProviderSchema(core.signal);
    const attributes = resources["acme_server"]?.block.attributes.find(({ name }) => name === "timeouts");
    expect(attributes?.nestedType?.attributes.map(({ name }) => name)).toEqual(["create"]);
  });

  test("is refused when a default is no duration", async () => {
    await expect(startWith({ timeouts: { create: "soon" } })).rejects.toThrow("timeouts.create: soon");
  });
});

describe("a duration", () => {
  test.each([
    ["10m", 600_000],
    ["1h30m", 5_400_000],
    ["1.5s", 1500],
    [".5m", 30_000],
    ["100ms", 100],
    ["1h1m1s1ms", 3_661_001],
    ["2000us", 2],
    ["0", 0],
    ["0s", 0],
  ])("%s has %d ms", (text, expected) => expect(parseDurationMs(text)).toBeCloseTo(expected));

  test.each(["", "10", "m", "1d", "-1m", "1 m", "1h 30m", "1e3s", "999999999h", `${"0".repeat(100)}1s`, "1m\n"])(
    "is not %j",
    (text) => expect(parseDurationMs(text)).toBeUndefined(),
  );

  test("is written in its shortest form, rounded up to seconds", () => {
    expect([5_400_000, 61_000, 20, 0, 3_600_000].map(formatDurationMs)).toEqual(["1h30m", "1m1s", "1s", "0s", "1h"]);
  });
});
