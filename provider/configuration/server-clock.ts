/** How far the clocks of this machine and of the server may be apart, in milliseconds. */
const toleranceMs = 15 * 60_000;
/** `Date` header fields count whole seconds. */
const resolutionMs = 1000;

/** When a request was sent and its answer was there, by our clock, and what the server's clock said in between. */
export type ClockReading = { readonly sentAtMs: number; readonly receivedAtMs: number; readonly serverDate: string };

/** What the clocks say, when they are too far apart to work with. */
export type ClockDifference = { readonly ours: Date; readonly servers: Date };

/** The server's time, told by our clock. */
export type ServerClock = {
  /** Sets it by the first answer that has a date; later ones change nothing. */
  observe(reading: ClockReading): void;
  /** The server's time now; ours before anything was observed. */
  now(): Date;
  /** Undefined while the clocks agree well enough. */
  difference(): ClockDifference | undefined;
};

/** Makes the clock of a server that has not answered yet. `ourNow` is this machine's. */
export function createServerClock(ourNow: () => Date = () => new Date()): ServerClock {
  let aheadMs: number | undefined;
  const now = (): Date => new Date(ourNow().getTime() + (aheadMs ?? 0));
  return {
    observe({ sentAtMs, receivedAtMs, serverDate }) {
      const servers = Date.parse(serverDate);
      if (aheadMs !== undefined || Number.isNaN(servers)) return;
      aheadMs = smallestDifference(servers, sentAtMs, receivedAtMs);
    },
    now,
    difference: () =>
      aheadMs === undefined || Math.abs(aheadMs) <= toleranceMs ? undefined : { ours: ourNow(), servers: now() },
  };
}

/** The least by which our clock must be corrected, so that the server's second lay between question and answer. */
function smallestDifference(servers: number, sentAtMs: number, receivedAtMs: number): number {
  if (servers > receivedAtMs) return servers - receivedAtMs;
  if (servers + resolutionMs < sentAtMs) return servers + resolutionMs - sentAtMs;
  return 0;
}
