import type { ApiTokenId, MailId, OrganizationId } from "./ids.ts";

/** What every admin of an organization is told about. */
export const noticeKinds = [
  "api_token_generated",
  "api_token_rotated",
  "api_token_revoked",
  "api_token_expires_soon",
  "dead_api_token_used",
  "leak_reported",
] as const;

/** Why a mail is sent: a notice to all admins, or something one person asked for. Never renamed. */
export const mailKinds = [...noticeKinds, "sign_in_link", "invitation"] as const;

/** Why every admin is told something. */
export type NoticeKind = (typeof noticeKinds)[number];

/** Why a mail is sent. */
export type MailKind = (typeof mailKinds)[number];

/** Whether a mail is a notice to all admins. */
export function isNoticeKind(kind: MailKind): kind is NoticeKind {
  return noticeKinds.some((notice) => notice === kind);
}

/**
 * What a mail tells, by names that its text in server/mail knows. Times are RFC 3339. Never a token's secret. Those of a
 * notice come from `notify-admins.ts`; an invitation's are `role` and `by`, the e-mail address of who invites.
 */
export type MailFacts = Readonly<Record<string, string | number | null>>;

/**
 * The link that a mail to one person is about: it lets its holder in, once. It is wiped from the database as soon as the
 * mail was delivered, given up or has expired.
 */
export type OneTimeLink = {
  /** Path and query on this server, such as `/sign-in?code=...`; the mail puts the public address before it. */
  readonly path: string;
  readonly expiresAt: Date;
};

/** A mail to one recipient, as it is enqueued in the transaction of the change it is about. */
export type MailMessage = {
  readonly id: MailId;
  readonly organizationId: OrganizationId;
  readonly kind: MailKind;
  /** E-mail address. */
  readonly recipient: string;
  readonly facts: MailFacts;
  readonly oneTimeLink: OneTimeLink | null;
  /** The token it is about: the mail leads to its page, which shows what became of the mail. */
  readonly apiTokenId: ApiTokenId | null;
  /** A second mail with the same key is never enqueued. */
  readonly dedupeKey: string | null;
  readonly createdAt: Date;
};

/** A mail that a worker took from the queue. `digest` lists notices that waited for one recipient. */
export type ClaimedMail = Pick<
  MailMessage,
  "id" | "organizationId" | "recipient" | "facts" | "oneTimeLink" | "apiTokenId"
> & {
  readonly kind: MailKind | "digest";
  readonly organizationName: string;
  readonly createdAt: Date;
  /** How often it was tried, this time included. */
  readonly attempts: number;
};

/** A notice that is a line of a digest. */
export type DigestedNotice = Pick<MailMessage, "kind" | "facts" | "createdAt">;

/** A worker's claim to mails: until then nobody else takes them. */
export type MailLease = { readonly id: string; readonly until: Date };

/** What came of an attempt. `lastError` is in words, without anything that the mail or the mail server's settings keep secret. */
export type MailOutcome =
  | { readonly type: "sent"; readonly at: Date }
  | { readonly type: "retry"; readonly lastError: string; readonly dueAt: Date }
  | { readonly type: "failed"; readonly lastError: string; readonly at: Date };

/**
 * What became of a mail. `queued`: not accepted by the mail server yet, perhaps after some attempts. `digested`: accepted
 * as a line of a mail that lists many. `failed`: given up.
 */
export type MailStatus = "queued" | "sent" | "failed" | "digested";

/** A mail with what became of it. */
export type ListedMail = {
  readonly id: MailId;
  readonly kind: MailKind;
  readonly recipient: string;
  readonly status: MailStatus;
  /** How often the mail server was tried. */
  readonly attempts: number;
  /** Why the last attempt failed, in words; null when none did. */
  readonly lastError: string | null;
  readonly createdAt: Date;
  /** When it was accepted or given up; null while it is queued. */
  readonly finishedAt: Date | null;
};
