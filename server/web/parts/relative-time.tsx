import { type ReactNode, useEffect, useState } from "react";

const exact = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
/** Each unit with its length in seconds, the longest first. */
const units = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;
/** How often a time on the page is worded anew, in milliseconds. */
const refreshMs = 30_000;

type RelativeTimeProps = {
  /** RFC 3339; null when it never happened. */
  readonly at: string | null;
  /** What to say then. */
  readonly never?: string;
};

/** A time as people say it; the exact one shows on hover. */
export function RelativeTime({ at, never = "Never" }: RelativeTimeProps): ReactNode {
  const now = useNow();
  if (at === null) return <span className="muted">{never}</span>;
  return (
    <time dateTime={at} title={formatExact(at)}>
      {formatRelative(at, now)}
    </time>
  );
}

/** A time to the second, in the reader's time zone. */
export function formatExact(at: string): string {
  return exact.format(new Date(at));
}

/** A time as people say it at `nowMs`, such as "3 hours ago" or "in 30 days". */
export function formatRelative(at: string, nowMs: number): string {
  const seconds = Math.round((Date.parse(at) - nowMs) / 1000);
  const unit = units.find(([, length]) => Math.abs(seconds) >= length);
  return unit === undefined ? "just now" : relative.format(Math.round(seconds / unit[1]), unit[0]);
}

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), refreshMs);
    return () => clearInterval(timer);
  }, []);
  return now;
}
