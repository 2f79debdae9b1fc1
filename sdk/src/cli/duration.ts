import { UsageError } from "./exit-code.ts";

const unitSeconds = { d: 86_400, h: 3600, m: 60 } as const;

/**
 * The seconds of a duration such as `90d`, `1d12h` or `30m`; undefined for none.
 * @throws UsageError
 */
export function secondsOf(flag: string, duration: string | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const found = /^(?:(\d{1,6})d)?(?:(\d{1,8})h)?(?:(\d{1,8})m)?(?:(\d{1,10})s)?$/.exec(duration);
  if (found === null || duration === "")
    throw new UsageError(`--${flag} must be a duration such as 90d, 1d12h or 30m, not ${duration}`);
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = found;
  const { d, h, m } = unitSeconds;
  return Number(days) * d + Number(hours) * h + Number(minutes) * m + Number(seconds);
}
