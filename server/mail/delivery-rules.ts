import { noticeKinds } from "../domain/mail.ts";

/** How often a mail is tried at most. */
export const maxAttempts = 20;
/** How long a mail is tried at most, in milliseconds: 3 days. */
export const maxAgeMs = 3 * 24 * 3_600_000;
/** How long one attempt may take, in milliseconds: a minute. */
export const attemptMs = 60_000;
/** How long a worker keeps a mail from others, in milliseconds: longer than an attempt and the note of its outcome. */
export const leaseMs = 3 * 60_000;
/** More waiting notices to one recipient than this become one mail. */
export const maxSingleNotices = 5;
/** One recipient gets at most so many notices, and as many links, within {@link windowMs}; then they wait. */
export const maxPerWindow = 10;
/** How long sent mail counts, in milliseconds: 10 minutes. */
export const windowMs = 600_000;

/** Mails that count together, so that a flood of notices does not keep a person from signing in. */
export const mailClasses = {
  notices: { waiting: noticeKinds, sent: [...noticeKinds, "digest"] },
  links: { waiting: ["sign_in_link", "invitation"], sent: ["sign_in_link", "invitation"] },
} as const;

const firstDelayMs = 30_000;
const maxDelayMs = 6 * 3_600_000;

/**
 * How long a mail waits after its `attempts`-th attempt, in milliseconds: half a minute, then four times as long each time
 * up to six hours, each less up to half of it, so that what failed together is not tried together.
 *
 * @param random from 0 to 1.
 */
export function retryDelayMs(attempts: number, random: number): number {
  const delayMs = Math.min(maxDelayMs, firstDelayMs * 4 ** Math.max(0, attempts - 1));
  return Math.round(delayMs * (1 - random / 2));
}

/** How long a worker leaves a mail server alone that has failed so many rounds in a row: 1 s, doubled up to a minute. */
export function unavailableDelayMs(rounds: number): number {
  return Math.min(60_000, 1000 * 2 ** Math.max(0, rounds - 1));
}

/** What a mail to one recipient is to do now. */
export type Plan = { readonly do: "send" } | { readonly do: "gather" } | { readonly do: "wait"; readonly until: Date };

/**
 * What happens to the notices that wait for one recipient.
 * @param sentTimes when the recipient got mail within the window, newest first, at most {@link maxPerWindow}.
 */
export function planNotices(waiting: number, sentTimes: readonly Date[]): Plan {
  const plan = planLinks(sentTimes);
  if (plan.do === "wait") return plan;
  const fits = waiting <= maxSingleNotices && sentTimes.length + waiting <= maxPerWindow;
  return fits ? { do: "send" } : { do: "gather" };
}

/** What happens to the links that wait for one recipient. */
export function planLinks(sentTimes: readonly Date[]): Plan {
  const oldest = sentTimes.at(-1);
  if (oldest === undefined || sentTimes.length < maxPerWindow) return { do: "send" };
  return { do: "wait", until: new Date(oldest.getTime() + windowMs) };
}
