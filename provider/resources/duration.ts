import { errorDiagnostic, formatPath, type Validator } from "../framework/index.ts";

const unitSeconds = { d: 86_400, h: 3600, m: 60, s: 1 } as const;
const form = /^(?:(\d{1,6})d)?(?:(\d{1,8})h)?(?:(\d{1,8})m)?(?:(\d{1,10})s)?$/;

/** What a duration may be written as, for descriptions and diagnostics. */
export const durationForm = "days, hours, minutes and seconds in that order, such as `90d`, `1d12h` or `30m`";

/** The seconds of a duration such as `90d` or `1d12h`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const found = form.exec(text);
  if (found === null || text === "") return undefined;
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = found;
  return (
    Number(days) * unitSeconds.d + Number(hours) * unitSeconds.h + Number(minutes) * unitSeconds.m + Number(seconds)
  );
}

/** The seconds of a duration that validation has accepted; undefined for none. */
export function secondsOf(duration: string | null): number | undefined {
  return duration === null ? undefined : parseDuration(duration);
}

/** Whether two durations are equally long. */
export function sameDuration(one: string, other: string): boolean {
  return parseDuration(one) === parseDuration(other);
}

/** Allows durations from `minSeconds` to `maxSeconds`; `bounds` says them in words. */
export function duration(minSeconds: number, maxSeconds: number, bounds: string): Validator<string> {
  return (value, path) => {
    const seconds = parseDuration(value);
    if (seconds !== undefined && seconds >= minSeconds && seconds <= maxSeconds) return [];
    const detail = `${JSON.stringify(value)} is not a duration ${bounds}. Write ${durationForm}.`;
    return [errorDiagnostic(`Invalid value for ${formatPath(path)}`, detail, path)];
  };
}
