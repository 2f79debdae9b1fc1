import type { Clock } from "../domain/clock.ts";
import type { IdGenerator, MailId } from "../domain/ids.ts";
import type { ClaimedMail, DigestedNotice, MailOutcome } from "../domain/mail.ts";
import type { Database } from "../domain/stores.ts";
import {
  attemptMs,
  leaseMs,
  mailClasses,
  maxAgeMs,
  maxAttempts,
  maxPerWindow,
  planLinks,
  planNotices,
  retryDelayMs,
  unavailableDelayMs,
  windowMs,
} from "./delivery-rules.ts";
import { MailError, type MailTransport, type OutgoingMail } from "./mail-transport.ts";
import { type RenderOptions, renderMail } from "./render-mail.ts";

/** What a worker is made of. */
export type MailWorkerOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: IdGenerator;
  readonly transport: MailTransport;
  readonly render: () => RenderOptions;
  /** From 0 to 1, for the jitter of delays. */
  readonly random: () => number;
  /** Told what came of each attempt. */
  readonly onOutcome: (mail: ClaimedMail, outcome: MailOutcome) => void;
  /** Told when the database did not do its part, or a mail could not be written; the worker goes on. */
  readonly onError: (error: unknown) => void;
  /** How often it looks for mail that another process enqueued or that is due again, in milliseconds. Default 5000. */
  readonly pollMs?: number;
};

/** How many mails are under way at once, each over a connection of its own. */
const concurrency = 4;
/** How many notices a digest lists; it says how many more there are. */
const maxDigestLines = 50;
/** How long mail under way may take when the worker ends, in milliseconds. */
const closeMs = 5000;

/** What one round came to. */
type Round = { readonly claimed: number; readonly unavailable: boolean };

/**
 * Delivers the mail of the queue, at least once each: a mail is accepted by the transport first and recorded then, so that
 * a crash in between sends it again, with the same Message-ID. Any number of workers share one queue. Nothing is sent
 * while a transaction is open.
 */
export class MailWorker {
  readonly #options: MailWorkerOptions;
  readonly #ending = new AbortController();
  #isClosing = false;
  #isAwake = false;
  #endPause: (() => void) | undefined;
  #unavailableRounds = 0;
  #running: Promise<void> | undefined;

  constructor(options: MailWorkerOptions) {
    this.#options = options;
  }

  /** Delivers what is due, now and whenever something is, until it is closed. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Looks at the queue at once instead of at the next poll. */
  wake(): void {
    this.#isAwake = true;
    if (this.#unavailableRounds === 0) this.#endPause?.();
  }

  /** Delivers until nothing is due any more. Answers how many attempts it took. Not for a worker that was started. */
  async deliverDue(): Promise<number> {
    let attempts = 0;
    for (;;) {
      const { claimed, unavailable } = await this.#round();
      attempts += claimed;
      if (claimed === 0 || unavailable) return attempts;
    }
  }

  /** Lets mail under way finish for 5 s at most, and takes no more. What is not finished then is tried again later. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#endPause?.();
    const timer = setTimeout(() => this.#ending.abort(), closeMs).unref();
    await this.#running;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (!this.#isClosing) {
      this.#isAwake = false;
      try {
        const { claimed, unavailable } = await this.#round();
        this.#unavailableRounds = unavailable ? this.#unavailableRounds + 1 : 0;
        if (unavailable) await this.#pause(unavailableDelayMs(this.#unavailableRounds));
        else if (claimed === 0 && !this.#isAwake) await this.#pause(this.#options.pollMs ?? 5000);
      } catch (error) {
        this.#options.onError(error);
        await this.#pause(this.#options.pollMs ?? 5000);
      }
    }
  }

  #pause(milliseconds: number): Promise<void> {
    if (this.#isClosing) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#endPause?.(), milliseconds).unref();
      this.#endPause = () => {
        clearTimeout(timer);
        this.#endPause = undefined;
        resolve();
      };
    });
  }

  async #round(): Promise<Round> {
    const { database, clock, newId } = this.#options;
    if (!(await database.stores.mailQueue.hasWork(clock.now()))) return { claimed: 0, unavailable: false };
    await this.#plan();
    const now = clock.now();
    const lease = { id: newId<MailId>(), until: new Date(now.getTime() + leaseMs) };
    const mails = await database.transact((stores) => stores.mailQueue.claimMail(now, lease, concurrency));
    const available = await Promise.all(mails.map((mail) => this.#deliver(mail, lease.id)));
    return { claimed: mails.length, unavailable: available.includes(false) };
  }

  /** Gives up what is too old, gathers what is too much, and lets wait who was sent enough. */
  async #plan(): Promise<void> {
    const { database, clock, newId } = this.#options;
    const now = clock.now();
    const since = new Date(now.getTime() - windowMs);
    await database.transact((stores) => stores.mailQueue.giveUpOverdueMail(now, new Date(now.getTime() - maxAgeMs)));
    for (const { waiting: kinds, sent } of Object.values(mailClasses)) {
      for (const { waiting, ...to } of await database.stores.mailQueue.listWaiting(kinds, now)) {
        const times = await database.stores.mailQueue.listSentTimes(to, sent, since, maxPerWindow);
        const plan = kinds === mailClasses.notices.waiting ? planNotices(waiting, times) : planLinks(times);
        if (plan.do === "send") continue;
        await database.transact(async ({ mailQueue }) => {
          if (plan.do === "wait") await mailQueue.postponeMail(to, kinds, now, plan.until);
          else await mailQueue.gatherDigest(newId<MailId>(), to, now);
        });
      }
    }
  }

  /** One attempt. Answers whether other mail may be tried, too. */
  async #deliver(mail: ClaimedMail, leaseId: string): Promise<boolean> {
    const { database, onOutcome, onError } = this.#options;
    const { outcome, available } = await this.#attempt(mail);
    try {
      await database.transact((stores) => stores.mailQueue.settleMail(leaseId, mail.id, outcome));
      onOutcome(mail, outcome);
    } catch (error) {
      // The lease ends, and somebody tries again.
      onError(error);
    }
    return available;
  }

  async #attempt(mail: ClaimedMail): Promise<{ readonly outcome: MailOutcome; readonly available: boolean }> {
    const { database, clock, transport } = this.#options;
    try {
      const notices =
        mail.kind === "digest" ? await database.stores.mailQueue.listDigestedNotices(mail.id, maxDigestLines) : [];
      const outgoing = this.#render(mail, notices);
      await transport.send(outgoing, AbortSignal.any([AbortSignal.timeout(attemptMs), this.#ending.signal]));
      return { outcome: { type: "sent", at: clock.now() }, available: true };
    } catch (error) {
      return this.#explain(mail, error);
    }
  }

  /** What cannot be written now cannot be written later either. */
  #render(mail: ClaimedMail, notices: readonly DigestedNotice[]): OutgoingMail {
    try {
      return renderMail(mail, notices, this.#options.render());
    } catch (error) {
      this.#options.onError(error);
      throw new MailError("refused", "The mail could not be written.", error);
    }
  }

  #explain(mail: ClaimedMail, error: unknown): { readonly outcome: MailOutcome; readonly available: boolean } {
    const { clock, random } = this.#options;
    const at = clock.now();
    const failure =
      error instanceof MailError ? error : new MailError("deferred", "Something went wrong in this server.", error);
    const available = failure.reason !== "unavailable";
    const lastError = failure.message;
    if (failure.reason === "refused" || mail.attempts >= maxAttempts) {
      return { outcome: { type: "failed", lastError, at }, available };
    }
    const dueAt = new Date(at.getTime() + retryDelayMs(mail.attempts, random()));
    return { outcome: { type: "retry", lastError, dueAt }, available };
  }
}
