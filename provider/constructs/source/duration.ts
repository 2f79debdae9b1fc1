import { Token } from "cdktn";

const form = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;

/**
 * The seconds of a duration as the provider takes it: days, hours, minutes and seconds in that order, such as `90d` or `1d12h`.
 * Undefined for one that only Terraform knows.
 *
 * @throws RangeError when it is none; `what` begins the message.
 */
export function secondsOf(what: string, duration: string): number | undefined {
  if (Token.isUnresolved(duration)) return undefined;
  const parts = form.exec(duration);
  if (parts === null) {
    throw new RangeError(
      `${what} must be days, hours, minutes and seconds in that order, such as 90d or 1d12h, not ${duration}.`,
    );
  }
  const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return (days ?? 0) * 86_400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}
