import { describe, expect, test } from "vitest";
import type { Value } from "../../../provider/framework/index.ts";
import { acme, emptyWorld } from "./acme.ts";
import { serverConfig, startCore } from "./terraform-rules.ts";

/**
 * Random lives of one resource. `core.apply` checks each plan and outcome by Terraform's own rules; here it is checked that the
 * plan after it is empty.
 */
describe("whatever a practitioner writes, plans are valid, applies keep them, and the next plan is empty", () => {
  const seeds = Array.from({ length: 40 }, (_, index) => index + 1);
  test.each(seeds)("life number %s", async (seed) => {
    const random = randomFrom(seed);
    const world = emptyWorld();
    const core = await startCore(acme(world));
    let state: Value = null;
    for (let step = 0; step < 12; step += 1) {
      const config = random() < 0.1 ? null : randomConfig(random);
      if (config === null && state === null) continue;
      state = await core.apply(state, config);
      expect(world.servers.size).toBe(state === null ? 0 : 1);
      if (config === null) continue;
      const again = await core.plan(state, config);
      expect(again).toEqual({ planned: state, requiresReplace: [], diagnostics: [] });
    }
  });
});

function randomConfig(random: () => number): { readonly [name: string]: Value } {
  const pick = <T extends Value>(...values: readonly T[]): T | null =>
    values[Math.floor(random() * values.length)] ?? null;
  const maybe = (make: () => Value): Value => (random() < 0.5 ? null : make());
  const volume = (): Value => ({
    path: pick("/", "/data"),
    mode: maybe(() => pick("ro", "rw")),
    token: pick(null, "t0ken"),
  });
  const boot = (): Value => {
    const useImage = random() < 0.5;
    return { image: useImage ? pick("img-1", "img-2") : null, volume: useImage ? null : volume(), checksum: null };
  };
  const disk = (): Value => ({ gb: pick(1, 2), device: maybe(() => pick("/dev/x", "/dev/y")) });
  const ports = (): Value =>
    Array.from({ length: Math.floor(random() * 3) }, () => ({ number: pick(80, 443), address: null }));
  const rules = (): Value =>
    [80, 443, 8080].flatMap((port) =>
      random() < 0.5
        ? []
        : [{ port, protocol: pick(null, "udp"), idle: pick(null, "1m"), note: pick(null, "x"), rule_id: null }],
    );
  return serverConfig({
    name: pick("web", "db"),
    size: pick("small", "large"),
    region: pick("eu", "eu", "us"),
    disk_gb: pick(null, 5, 10, 20),
    zone: pick(null, "a", "b"),
    notes: pick<Value>(null, [], ["a"], ["a", "b"]),
    tags: pick<Value>(null, {}, { team: "x" }, { team: "y", __proto__x: "z" }),
    labels: pick<Value>(null, [], ["a", "b"]),
    password: pick(null, "hunter2"),
    api_key: pick(null, "k3y"),
    boot: maybe(boot),
    ports: maybe(ports),
    rules: maybe(rules),
    disks: maybe(() => (random() < 0.5 ? { a: disk() } : { a: disk(), b: disk() })),
  });
}

/** A small deterministic generator (mulberry32), so that a failure can be run again. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
