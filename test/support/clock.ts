import type { Clock } from "../../server/domain/clock.ts";

/** A clock that stands still until it is told otherwise. */
export type TestClock = Clock & {
  /** Moves the time forward, or back when negative. */
  advance(by: {
    readonly milliseconds?: number;
    readonly seconds?: number;
    readonly minutes?: number;
    readonly days?: number;
  }): void;
};

/** Makes a clock that shows `start` until it is advanced. */
export function createTestClock(start = new Date("2026-11-23T09:00:00.000Z")): TestClock {
  let nowMs = start.getTime();
  return {
    now: () => new Date(nowMs),
    advance({ milliseconds = 0, seconds = 0, minutes = 0, days = 0 }) {
      nowMs += milliseconds + 1000 * (seconds + 60 * minutes + 86_400 * days);
    },
  };
}

/** Asks again and again, every few milliseconds, until the answer is one; fails after `deadlineMs`. */
export async function eventually<T>(ask: () => Promise<T | undefined> | T | undefined, deadlineMs = 5000): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`It did not happen within ${deadlineMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
