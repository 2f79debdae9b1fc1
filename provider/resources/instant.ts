import { parseInstantMs } from "../framework/index.ts";

/** Whether two RFC 3339 texts name the same instant, or both are null. The server counts whole milliseconds. */
export function isSameInstant(one: string | null, other: string | null): boolean {
  return one === other || (one !== null && other !== null && millisecond(one) === millisecond(other));
}

/** NaN, which equals nothing, for a text that names no instant. */
function millisecond(text: string): number {
  return Math.floor(parseInstantMs(text) ?? Number.NaN);
}
