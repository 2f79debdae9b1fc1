import { expect, test } from "vitest";
import { createServerClock } from "../../../provider/configuration/server-clock.ts";

const noon = Date.parse("2026-11-24T12:00:00.000Z");
const at = (ms: number) => new Date(noon + ms);

/** A clock of a server whose answer, sent and received in half a second from noon by ours, says this. */
function observed(serverDate: string) {
  const clock = createServerClock(() => at(1000));
  clock.observe({ sentAtMs: noon, receivedAtMs: noon + 500, serverDate });
  return clock;
}

test.each([
  ["the same second", "Tue, 24 Nov 2026 12:00:00 GMT", 0],
  ["the second before, of which some may be left", "Tue, 24 Nov 2026 11:59:59 GMT", 0],
  ["a minute ahead", "Tue, 24 Nov 2026 12:01:00 GMT", 59_500],
  ["a minute behind", "Tue, 24 Nov 2026 11:59:00 GMT", -59_000],
  ["no date", "yesterday", 0],
])("a server's date of %s corrects our clock by the least that explains it", (_, serverDate, aheadMs) => {
  const clock = observed(serverDate);
  expect(clock.now()).toEqual(at(1000 + aheadMs));
  expect(clock.difference()).toBeUndefined();
});

test.each([
  ["ahead", "Tue, 24 Nov 2026 12:15:02 GMT"],
  ["behind", "Tue, 24 Nov 2026 11:44:58 GMT"],
])("clocks more than a quarter of an hour %s are too far apart, and both are told", (_, serverDate) => {
  const clock = observed(serverDate);
  expect(clock.difference()).toEqual({ ours: at(1000), servers: clock.now() });
  expect(Math.abs(clock.now().getTime() - at(1000).getTime())).toBeGreaterThan(15 * 60_000);
});

test("the first answer decides, and before it our own clock counts", () => {
  const clock = createServerClock(() => at(0));
  expect(clock.now()).toEqual(at(0));
  clock.observe({ sentAtMs: noon, receivedAtMs: noon, serverDate: "Tue, 24 Nov 2026 12:01:00 GMT" });
  clock.observe({ sentAtMs: noon, receivedAtMs: noon, serverDate: "Tue, 24 Nov 2026 13:00:00 GMT" });
  expect(clock.now()).toEqual(at(60_000));
});
