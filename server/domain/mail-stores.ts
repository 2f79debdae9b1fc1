import type { ListedApiToken } from "./api-token.ts";
import type { ApiTokenId, MailId, OrganizationId } from "./ids.ts";
import type { ClaimedMail, DigestedNotice, ListedMail, MailKind, MailLease, MailMessage, MailOutcome } from "./mail.ts";

/** Mail to people of organizations. {@link MailQueueStore} is what delivers it. */
export interface MailStore {
  /** Enqueues mail: it is delivered when this transaction has committed. One whose dedupeKey was used before is left out. */
  enqueueMail(messages: readonly MailMessage[]): Promise<void>;
  /** How much mail of all organizations there is of each status, for the operator. */
  countMail(): Promise<readonly { readonly status: string; readonly count: number }[]>;
  /** What became of the mail about a token, newest first. */
  listApiTokenMail(
    organizationId: OrganizationId,
    apiTokenId: ApiTokenId,
    position: { readonly limit: number; readonly after?: MailId },
  ): Promise<readonly ListedMail[]>;
}

/** Who waits for mail. */
export type MailRecipient = { readonly organizationId: OrganizationId; readonly recipient: string };

/**
 * The queue that workers deliver mail from, of every organization: any number of workers over one database share it.
 * Nothing here is for operations, which see their organization's mail in {@link MailStore}.
 */
export interface MailQueueStore {
  /** Whether any mail is due or any link has expired: a look that costs little, before anything is changed. */
  hasWork(now: Date): Promise<boolean>;
  /** Gives up mail that was enqueued before `enqueuedBefore`, or whose link has expired. Answers how many. */
  giveUpOverdueMail(now: Date, enqueuedBefore: Date): Promise<number>;
  /** Who waits for how many due mails of these kinds that nobody has taken, at most 200 recipients. */
  listWaiting(
    kinds: readonly (MailKind | "digest")[],
    now: Date,
  ): Promise<readonly (MailRecipient & { readonly waiting: number })[]>;
  /** When the recipient was last sent mails of these kinds, newest first, at most `limit` and not before `since`. */
  listSentTimes(
    to: MailRecipient,
    kinds: readonly (MailKind | "digest")[],
    since: Date,
    limit: number,
  ): Promise<readonly Date[]>;
  /** Lets the recipient's due mails of these kinds that nobody has taken wait. */
  postponeMail(to: MailRecipient, kinds: readonly (MailKind | "digest")[], now: Date, until: Date): Promise<void>;
  /** Makes the recipient's due notices that nobody has taken, at most 200, one mail `id`. Answers how many they are. */
  gatherDigest(id: MailId, to: MailRecipient, now: Date): Promise<number>;
  /** The notices of a digest, oldest first, at most `limit`. */
  listDigestedNotices(id: MailId, limit: number): Promise<readonly DigestedNotice[]>;
  /** Takes due mails, links first: until the lease ends nobody else gets them, and then somebody does, unless settled. */
  claimMail(now: Date, lease: MailLease, limit: number): Promise<readonly ClaimedMail[]>;
  /** Records what came of a claimed mail; of one that was lost to another lease meanwhile, nothing. */
  settleMail(leaseId: string, id: MailId, outcome: MailOutcome): Promise<void>;
  /** Deletes mail that was sent or given up before then. Answers how many. */
  deleteFinishedMail(finishedBefore: Date): Promise<number>;
}

/** Which expiries admins were told of. */
export interface ExpiryNoticeStore {
  /**
   * Takes active tokens that expire within `days`, of every organization, that nobody has taken for so many or fewer
   * days: at most `limit`, each once, whoever asks. Left out are those that never had more days than that.
   */
  claimExpiring(now: Date, days: number, limit: number): Promise<readonly ListedApiToken[]>;
}
