/** Lifetimes as a policy has them: a duration, or none. */
import type { Validator } from "../framework/index.ts";
import { duration, durationForm, parseDuration } from "./duration.ts";

/** What stands for a lifetime without an end. */
const unlimited = "unlimited";
const tenYearsSeconds = 315_360_000;
const isDuration = duration(60, tenYearsSeconds, 'from 1m to 3650d, or "unlimited"');
const units = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
] as const;

/** What a lifetime may be written as, for descriptions. */
export const lifetimeForm = `${durationForm}, from \`1m\` to \`3650d\``;

/** Allows durations from a minute to ten years, and `unlimited`. */
export const lifetimeValidator: Validator<string> = (value, path) =>
  value === unlimited ? [] : isDuration(value, path);

/** The seconds of a lifetime that the validator allows; null when it has no end. */
export function lifetimeSeconds(text: string): number | null {
  return text === unlimited ? null : (parseDuration(text) ?? null);
}

/** Whether two lifetimes are equally long. */
export function sameLifetime(one: string, other: string): boolean {
  return lifetimeSeconds(one) === lifetimeSeconds(other);
}

/** A lifetime as text. */
export function lifetimeText(seconds: number | null): string {
  if (seconds === null) return unlimited;
  let rest = seconds;
  let text = "";
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text;
}
