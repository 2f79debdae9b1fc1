/** Ready-made functions for the `equal` option of an attribute. */
import { parseDurationMs } from "./duration.ts";
import { parseInstantMs } from "./instant.ts";

/** Whether two durations in Go's form are equally long: `1h` and `60m`. Texts that are none are the same only when equal. */
export function sameDuration(one: string, other: string): boolean {
  return sameBy(parseDurationMs, one, other);
}

/** Whether two RFC 3339 texts name one instant: `2026-01-01T00:00:00Z` and `2026-01-01T01:00:00.000+01:00`. */
export function sameInstant(one: string, other: string): boolean {
  return sameBy(parseInstantMs, one, other);
}

/** Whether two URLs are one by the rules of URLs: case of scheme and host, default port, dots, and an empty path. */
export function sameUrl(one: string, other: string): boolean {
  return sameBy((text) => (URL.canParse(text) ? new URL(text).href : undefined), one, other);
}

function sameBy<T>(read: (text: string) => T | undefined, one: string, other: string): boolean {
  const [first, second] = [read(one), read(other)];
  return one === other || (first !== undefined && first === second);
}
