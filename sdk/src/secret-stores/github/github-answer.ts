/** An answer of GitHub. `data` is parsed JSON; `atMs` is GitHub's own time. */
export type GitHubAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly data: unknown;
  readonly atMs: number;
};

/** A limit of rate that was reached, and how long it lasts. */
export type GitHubLimit = { readonly waitMs: number; readonly isSecondary: boolean };

/** What GitHub advises to wait when it does not say how long, in milliseconds. */
const unknownWaitMs = 60_000;

/**
 * The limit that an answer speaks of; undefined when it is about something else.
 * @see https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
export function limitOf({ status, headers, data, atMs }: GitHubAnswer): GitHubLimit | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const retryAfter = wholeNumber(headers["retry-after"]);
  if (retryAfter !== undefined) return { waitMs: retryAfter * 1000, isSecondary: true };
  const reset = wholeNumber(headers["x-ratelimit-reset"]);
  if (headers["x-ratelimit-remaining"] === "0" && reset !== undefined)
    return { waitMs: Math.max(reset * 1000 - atMs, 1000), isSecondary: false };
  // A secondary limit without a time looks like a missing permission, but for the page that it refers to.
  const page = memberOf(data, "documentation_url");
  const isSecondary = typeof page === "string" && /#?(about-)?secondary-rate-limits$/.test(page);
  return isSecondary || status === 429 ? { waitMs: unknownWaitMs, isSecondary: true } : undefined;
}

/** What to tell people of a limit. */
export function explainLimit({ waitMs, isSecondary }: GitHubLimit): string {
  const seconds = Math.ceil(waitMs / 1000);
  const advice = isSecondary ? " Fewer writes at once help, such as terraform apply -parallelism=2." : "";
  return `GitHub limits the rate of requests. Try again in ${seconds} s.${advice}`;
}

/** A member of an answer; undefined when it has none of that name. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === "string" && /^\d{1,12}$/.test(value) ? Number(value) : undefined;
}
