import { expect, test } from "vitest";
import { RateLimiter, rateLimited } from "../../../server/domain/rate-limiter.ts";
import { createTestClock } from "../../support/clock.ts";

const limit = { name: "tries", quota: 3, windowSeconds: 60 };

function createLimiter(overrides: Partial<typeof limit> = {}, maxKeys?: number) {
  const clock = createTestClock();
  return { clock, limiter: new RateLimiter({ ...limit, ...overrides }, clock, maxKeys) };
}

test("a key may take its quota at once and nothing more, and another key is not touched", () => {
  const { limiter } = createLimiter();
  const states = [1, 2, 3, 4].map(() => limiter.take("a"));
  expect(states.map(({ isExceeded, remaining }) => [isExceeded, remaining])).toEqual([
    [false, 2],
    [false, 1],
    [false, 0],
    [true, 0],
  ]);
  expect(limiter.take("b")).toMatchObject({ isExceeded: false, remaining: 2 });
});

test("the quota comes back evenly, and the state says how long that takes", () => {
  const { clock, limiter } = createLimiter();
  for (const _ of [1, 2, 3]) limiter.take("a");
  clock.advance({ milliseconds: 500 });
  expect(limiter.take("a")).toMatchObject({ isExceeded: true, resetSeconds: 20 });
  clock.advance({ milliseconds: 19_499 });
  expect(limiter.take("a")).toMatchObject({ isExceeded: true, resetSeconds: 1 });
  clock.advance({ milliseconds: 1 });
  expect(limiter.take("a")).toMatchObject({ isExceeded: false, remaining: 0, resetSeconds: 60 });
  clock.advance({ seconds: 60 });
  expect(limiter.peek("a")).toMatchObject({ isExceeded: false, remaining: 3, resetSeconds: 0 });
});

test("what is refused costs nothing: who keeps asking is let in as soon as who waits", () => {
  const { clock, limiter } = createLimiter();
  for (const _ of [1, 2, 3]) limiter.take("a");
  for (let second = 1; second < 20; second += 1) {
    clock.advance({ seconds: 1 });
    expect(limiter.take("a").isExceeded).toBe(true);
  }
  clock.advance({ seconds: 1 });
  expect(limiter.take("a").isExceeded).toBe(false);
});

test("looking takes nothing", () => {
  const { limiter } = createLimiter();
  for (const _ of [1, 2, 3, 4, 5]) expect(limiter.peek("a")).toMatchObject({ isExceeded: false, remaining: 3 });
  for (const _ of [1, 2, 3]) limiter.take("a");
  expect(limiter.peek("a")).toMatchObject({ isExceeded: true, remaining: 0, resetSeconds: 20 });
});

test.for([1, 3, 7, 11, 60, 1000])("a quota of %i is exactly that many, whatever it divides", (quota) => {
  const { limiter } = createLimiter({ quota });
  const taken = Array.from({ length: quota + 1 }, () => limiter.take("a"));
  expect(taken.map(({ remaining }) => remaining)).toEqual([
    ...Array.from({ length: quota }, (_, i) => quota - 1 - i),
    0,
  ]);
  expect(taken.map(({ isExceeded }) => isExceeded).indexOf(true)).toBe(quota);
});

test("memory is bounded: of too many keys the least recent is forgotten", () => {
  const { limiter } = createLimiter({ quota: 1 }, 3);
  for (const key of ["a", "b", "c", "a", "d"]) limiter.take(key);
  expect(limiter.size).toBe(3);
  expect(limiter.peek("a").isExceeded).toBe(true);
  expect(limiter.peek("b").isExceeded).toBe(false);
  expect(limiter.peek("d").isExceeded).toBe(true);
});

test("keys that have everything back are forgotten by themselves", () => {
  const { clock, limiter } = createLimiter();
  for (let key = 0; key < 100; key += 1) limiter.take(String(key));
  expect(limiter.size).toBe(100);
  clock.advance({ seconds: 60 });
  limiter.take("new");
  expect(limiter.size).toBe(1);
});

test("a clock that is set back locks nobody out for longer than a window", () => {
  const { clock, limiter } = createLimiter();
  for (const _ of [1, 2, 3]) limiter.take("a");
  clock.advance({ days: -1 });
  expect(limiter.take("a")).toMatchObject({ isExceeded: true, resetSeconds: 20 });
  clock.advance({ seconds: 20 });
  expect(limiter.take("a").isExceeded).toBe(false);
});

test("the problem says how long to wait", () => {
  const { limiter } = createLimiter({ quota: 1 });
  limiter.take("a");
  const problem = rateLimited(limiter.take("a"), "Too many tries.");
  expect(problem).toMatchObject({ code: "rate_limited", message: "Too many tries. Wait 60 s." });
});
