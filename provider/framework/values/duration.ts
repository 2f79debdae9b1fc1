const unitMs = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001, µs: 0.001, ns: 0.000_001 } as const;
/** The longest time a duration in Go can hold is 2^63 - 1 nanoseconds. */
const maxMs = 2 ** 63 * unitMs.ns;
const form = /^(?:(?:\d+\.?\d*|\.\d+)(?:h|ms|m|s|us|µs|ns))+$/;
const part = /(\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|ns)/g;

/**
 * The milliseconds of a duration in the form Terraform's users know from Go: `10m`, `1h30m`, `1.5s`, `0`. Undefined when it is none, is
 * negative, or is longer than 292 years.
 */
export function parseDurationMs(text: string): number | undefined {
  if (text === "0") return 0;
  if (text.length > 100 || !form.test(text)) return undefined;
  const parts = [...text.matchAll(part)].map(([, count, unit]) => Number(count) * (isUnit(unit) ? unitMs[unit] : 0));
  const totalMs = parts.reduce((total, ms) => total + ms, 0);
  return totalMs <= maxMs ? totalMs : undefined;
}

/** The shortest text for a duration of whole seconds: `1h30m`. Parts of a second are rounded up. */
export function formatDurationMs(durationMs: number): string {
  const seconds = Math.ceil(durationMs / unitMs.s);
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "m"],
    [seconds % 60, "s"],
  ] as const;
  return parts.map(([count, unit]) => (count === 0 ? "" : `${count}${unit}`)).join("") || "0s";
}

function isUnit(text: string | undefined): text is keyof typeof unitMs {
  return text !== undefined && Object.hasOwn(unitMs, text);
}
