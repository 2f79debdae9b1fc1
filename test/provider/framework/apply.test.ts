import { describe, expect, test } from "vitest";
import type { Value } from "../../../provider/framework/index.ts";
import { emptyWorld, settle } from "./acme.ts";
import { noBytes, serverConfig, startWith, tryApply } from "./terraform-rules.ts";

const boot = { image: "img-1", volume: null, checksum: null };

describe("apply", () => {
  test("creates, updates in place, replaces and deletes, and every plan after an apply is empty", async () => {
    const world = emptyWorld();
    const core = await startWith({}, world);
    const steps = [
      serverConfig({ boot, ports: [{ number: 80, address: null }] }),
      serverConfig({ boot, name: "db", disks: { a: { gb: 1, device: null } } }),
      serverConfig({ boot: null, name: "db", disks: { a: { gb: 1, device: "/dev/own" } } }),
      serverConfig({ region: "us", tags: { a: "b" }, labels: [] }),
    ];
    let state: Value = null;
    for (const config of steps) {
      state = await core.apply(state, config);
      expect((await core.plan(state, config)).planned).toEqual(state);
    }
    expect(state).toMatchObject({ region: "us", revision: 1, labels: [] });
    expect(world.servers.size).toBe(1);
    expect(await core.apply(state, null)).toBeNull();
    expect(world.servers.size).toBe(0);
  });

  test("gives write-only values to the handler and to nobody else", async () => {
    const world = emptyWorld();
    const core = await startWith({}, world);
    const volume = { path: "/", mode: null, token: "volume-token" };
    const config = serverConfig({ password: "hunter2", boot: { ...boot, image: null, volume } });
    const state = await core.apply(null, config);
    expect(world.passwords).toEqual(["hunter2"]);
    expect(JSON.stringify([state, [...world.servers.values()]])).not.toMatch(/hunter2|volume-token/);
  });

  test("nulls a write-only value a handler put into the state by mistake", async () => {
    const core = await startWith({
      create: async ({ plan, config }) => ({
        ...settle(plan, "a", 1),
        password: JSON.parse(JSON.stringify(config.password)),
      }),
    });
    expect(await core.apply(null, serverConfig({ password: "hunter2" }))).toMatchObject({ password: null });
  });

  test("keeps private state from create over update to delete", async () => {
    const seen: unknown[] = [];
    const core = await startWith({
      create: async ({ plan, privateState }) => {
        privateState.set("etag", "1");
        return settle(plan, "a", 1);
      },
      update: async ({ plan, state, privateState }) => {
        seen.push(privateState.get("etag"));
        privateState.set("etag", undefined);
        privateState.set("moved", "yes");
        return settle(plan, state.id, 2);
      },
      delete: async ({ privateState }) => {
        seen.push(privateState.get("etag"), privateState.get("moved"));
      },
    });
    const created = await tryApply(core, null, serverConfig());
    const updated = await tryApply(core, created.newState, serverConfig({ name: "db" }), created.private);
    const deleted = await tryApply(core, updated.newState, null, updated.private);
    expect(seen).toEqual(["1", undefined, "yes"]);
    expect(deleted.private).toEqual(noBytes);
  });

  test("takes private state this provider did not write for none", async () => {
    const core = await startWith({
      create: async ({ plan, privateState }) => settle(plan, String(privateState.get("a")), 1),
    });
    const answer = await tryApply(core, null, serverConfig(), new TextEncoder().encode("{not json"));
    expect(answer.newState).toMatchObject({ id: "undefined" });
  });
});
