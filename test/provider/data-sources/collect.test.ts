import { expect, test } from "vitest";
import { collect, maxItems } from "../../../provider/data-sources/collect.ts";
import { AttributeError, type Log } from "../../../provider/framework/index.ts";

/** Numbers from 0, and how many were asked for. */
function count(end: number) {
  const asked = { last: -1 };
  const walk = async function* (): AsyncGenerator<number> {
    for (let number = 0; number < end; number += 1) {
      asked.last = number;
      yield number;
    }
  };
  return { asked, walk: walk() };
}

function recordingLog() {
  const lines: (readonly [string, unknown])[] = [];
  const record = (message: string, fields?: object) => void lines.push([message, fields]);
  const log: Log = { trace: record, debug: record, info: record, warn: record, error: record };
  return { log, lines };
}

test("what is accepted is given in the order of the walk, and the log says how far it is and how it ended", async () => {
  const { log, lines } = recordingLog();
  const even = await collect(count(1200).walk, { what: "numbers", log, accepts: (number) => number % 2 === 0 });
  expect(even).toHaveLength(600);
  expect(even.slice(0, 3)).toEqual([0, 2, 4]);
  expect(lines).toEqual([
    ["Reading numbers.", { read: 500, accepted: 250 }],
    ["Reading numbers.", { read: 1000, accepted: 500 }],
    ["Read all numbers.", { read: 1200, accepted: 600 }],
  ]);
});

test("as many as allowed are given; of one more nothing is, and the walk stops there", async () => {
  const options = { what: "numbers", log: recordingLog().log, accepts: () => true };
  expect(await collect(count(maxItems).walk, options)).toHaveLength(maxItems);
  const { walk, asked } = count(maxItems + 500);
  const refused = await collect(walk, options).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(AttributeError);
  expect(refused).toMatchObject({ summary: "There are too many numbers", detail: expect.stringContaining("Narrow") });
  expect(asked.last).toBe(maxItems);
});
