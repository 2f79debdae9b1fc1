import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ChangeWatch } from "../../../server/domain/change-watch.ts";
import { type OrganizationId, parseId } from "../../../server/domain/ids.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const idOf = (number: number) => parseId<OrganizationId>(number.toString(16).padStart(24, "0"));
const [ours, theirs] = [idOf(1), idOf(2)];

function openWatch() {
  const sequences = new Map([
    [ours, 5],
    [theirs, 5],
  ]);
  const queries: number[] = [];
  const auditEvents = {
    findNewestSequences: async (ids: readonly OrganizationId[]) => {
      queries.push(ids.length);
      return new Map(ids.map((id) => [id, sequences.get(id) ?? 0]));
    },
  };
  return { watch: new ChangeWatch({ auditEvents, monotonicMs: () => Date.now() }), sequences, queries };
}

/** Whether a wait has ended. */
function observe(wait: Promise<void>): { isOver: boolean } {
  const seen = { isOver: false };
  wait.then(() => {
    seen.isOver = true;
  });
  return seen;
}

test("who waits is let go within a tenth of a second after an event of the own organization, and not by another's", async () => {
  const { watch, sequences } = openWatch();
  const waiting = observe(watch.wait(ours, 5, 20_000));
  await vi.advanceTimersByTimeAsync(1000);
  sequences.set(theirs, 6);
  await vi.advanceTimersByTimeAsync(1000);
  expect(waiting.isOver).toBe(false);
  sequences.set(ours, 6);
  await vi.advanceTimersByTimeAsync(100);
  expect(waiting.isOver).toBe(true);
});

test("whatever the number of those who wait, one query asks, ten times a second, and none when nobody waits", async () => {
  const { watch, queries } = openWatch();
  for (let index = 0; index < 100; index += 1) void watch.wait(index % 2 === 0 ? ours : theirs, 5, 1000);
  await vi.advanceTimersByTimeAsync(5000);
  expect(queries.length).toBeLessThanOrEqual(12);
  expect(new Set(queries)).toEqual(new Set([2]));
});

test("closing lets go who waits already, and who comes later", async () => {
  const { watch } = openWatch();
  const waiting = observe(watch.wait(ours, 5, 20_000));
  await vi.advanceTimersByTimeAsync(500);
  watch.close();
  const late = observe(watch.wait(ours, 5, 20_000));
  await vi.advanceTimersByTimeAsync(0);
  expect([waiting.isOver, late.isOver]).toEqual([true, true]);
});

test("one organization takes no more than its places, and leaves the others theirs; in all there are 5,000", async () => {
  const { watch } = openWatch();
  for (let index = 0; index < 500; index += 1) void watch.wait(ours, 5, 1000);
  expect(() => watch.wait(ours, 5, 1000)).toThrow("Too many wait");
  for (let organization = 10; organization < 19; organization += 1) {
    for (let index = 0; index < 500; index += 1) void watch.wait(idOf(organization), 0, 1000);
  }
  expect(() => watch.wait(theirs, 5, 1000)).toThrow("Too many wait");
  await vi.advanceTimersByTimeAsync(2000);
  const later = observe(watch.wait(ours, 4, 1000));
  await vi.advanceTimersByTimeAsync(100);
  expect(later.isOver).toBe(true);
});
