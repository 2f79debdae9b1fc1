import type { Verification } from "@orgtokens/sdk";
import { expect, test } from "vitest";
import { type CacheOptions, VerificationCache } from "../../../sdk/src/verification/verification-cache.ts";

const id = "0199f3a1b2c40d5e6f708192";
const live: Verification = {
  active: true,
  reason: null,
  apiToken: { id, label: "CI", role: "developer", status: "active", accountId: id, expiresAt: null },
  secret: { fingerprint: "9f86d081884c7d65", state: "current", expiresAt: null },
};
const other: Verification = {
  ...live,
  apiToken: {
    id: "0199f3a1b2c40d5e6f708193",
    label: "Other",
    role: "admin",
    status: "active",
    accountId: id,
    expiresAt: null,
  },
};

/** A cache that hears of changes, at a time of its own. */
function openCache(options: CacheOptions = {}) {
  let nowMs = 0;
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  const cache = new VerificationCache(options, () => nowMs);
  cache.hear();
  return { cache, pass };
}

test("a verification is kept until it is too old", () => {
  const { cache, pass } = openCache({ maxAgeMs: 1000 });
  cache.put("a", live, cache.mark());
  pass(999);
  expect(cache.get("a")).toBe(live);
  pass(1);
  expect(cache.get("a")).toBeUndefined();
});

test("an answer that was long on its way is as old as its question", () => {
  const { cache, pass } = openCache({ maxAgeMs: 1000 });
  const mark = cache.mark();
  pass(900);
  cache.put("a", live, mark);
  pass(99);
  expect(cache.get("a")).toBe(live);
  pass(1);
  expect(cache.get("a")).toBeUndefined();
});

test("it is not kept beyond the end of the token or of its secret", () => {
  const end = new Date(Date.now() + 500).toISOString();
  for (const ending of [
    { ...live, apiToken: live.apiToken && { ...live.apiToken, expiresAt: end } },
    { ...live, secret: live.secret && { ...live.secret, expiresAt: end } },
  ]) {
    const { cache, pass } = openCache({ maxAgeMs: 5000 });
    cache.put("a", ending, cache.mark());
    expect(cache.get("a")).toBe(ending);
    pass(501);
    expect(cache.get("a")).toBeUndefined();
  }
});

test("an answer that was on its way while its token changed is not kept, whenever it arrives", () => {
  const { cache } = openCache();
  const mark = cache.mark();
  cache.forget([id]);
  cache.put("a", live, mark);
  cache.put("b", other, mark);
  expect(cache.get("a")).toBeUndefined();
  expect(cache.get("b")).toBe(other);
  cache.put("a", live, cache.mark());
  expect(cache.get("a")).toBe(live);
});

test("everything is forgotten when more changed than can be named, answers on their way as well", () => {
  const { cache } = openCache();
  cache.put("a", live, cache.mark());
  const mark = cache.mark();
  cache.forgetAll();
  cache.put("b", other, mark);
  expect([cache.get("a"), cache.get("b")]).toEqual([undefined, undefined]);
});

test("a flood of changes is remembered by forgetting everything", () => {
  const { cache } = openCache();
  cache.put("a", live, cache.mark());
  for (let round = 0; round < 3; round += 1)
    cache.forget(Array.from({ length: 4000 }, (_, index) => `${round}-${index}`));
  expect(cache.get("a")).toBeUndefined();
});

test("what is asked for while changes are not heard of is not kept, also when they are heard of again", () => {
  const { cache } = openCache();
  const mark = cache.mark();
  cache.deafen();
  expect(cache.mark()).toBeUndefined();
  cache.put("a", live, undefined);
  cache.hear();
  cache.put("b", live, mark);
  expect([cache.get("a"), cache.get("b")]).toEqual([undefined, undefined]);
});

test("only live tokens are kept, and the one kept longest makes room", () => {
  const { cache } = openCache({ maxEntries: 2 });
  cache.put("dead", { ...live, active: false, reason: "revoked" }, cache.mark());
  expect(cache.get("dead")).toBeUndefined();
  for (const digest of ["a", "b", "c"]) cache.put(digest, live, cache.mark());
  expect(["a", "b", "c"].map((digest) => cache.get(digest) !== undefined)).toEqual([false, true, true]);
});
