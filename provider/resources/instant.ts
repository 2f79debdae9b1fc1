import { errorDiagnostic, formatPath, type Validator } from "../framework/index.ts";

const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** The instant of an RFC 3339 text in milliseconds; undefined when it names none. */
export function parseInstant(text: string): number | undefined {
  const milliseconds = form.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

/** Whether two texts name the same instant, or both are null. */
export function isSameInstant(one: string | null, other: string | null): boolean {
  return one === other || (one !== null && other !== null && parseInstant(one) === parseInstant(other));
}

/** Allows instants. */
export const instant: Validator<string> = (value, path) => {
  if (parseInstant(value) !== undefined) return [];
  const detail = `${JSON.stringify(value)} is not an RFC 3339 date and time. Write one such as "2027-01-31T12:00:00Z".`;
  return [errorDiagnostic(`Invalid value for ${formatPath(path)}`, detail, path)];
};
