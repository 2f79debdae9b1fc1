import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { type ApiTokenId, createIdGenerator, parseId } from "../../../server/domain/ids.ts";
import { createTestClock } from "../../support/clock.ts";

test("ids ascend strictly, within a millisecond, over 65536 in one, and when the clock is set back", () => {
  const clock = createTestClock();
  const newId = createIdGenerator(clock, randomBytes);
  const ids = Array.from({ length: 70_000 }, () => newId<ApiTokenId>());
  clock.advance({ minutes: -5 });
  ids.push(newId<ApiTokenId>());
  clock.advance({ minutes: 10 });
  ids.push(newId<ApiTokenId>());
  expect(ids.every((id) => /^[0-9a-f]{24}$/.test(id))).toBe(true);
  expect(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? ""))).toBe(true);
});

test("an id begins with its time in milliseconds", () => {
  const clock = createTestClock(new Date("2026-11-23T09:00:00.123Z"));
  const id = createIdGenerator(clock, randomBytes)<ApiTokenId>();
  expect(new Date(Number.parseInt(id.slice(0, 12), 16)).toISOString()).toBe("2026-11-23T09:00:00.123Z");
});

test("a text that is no id is not taken for one", () => {
  for (const text of [
    "",
    "0199f3a1b2c40d5e6f70819",
    "0199f3a1b2c40d5e6f708192a",
    "0199F3A1B2C40D5E6F708192",
    "0199f3a1b2c40d5e6f708192\n",
  ]) {
    expect(() => parseId<ApiTokenId>(text)).toThrow(TypeError);
  }
});
