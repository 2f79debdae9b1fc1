import { type AuditEvent, apiTokenTarget, type RequestOrigin } from "./audit-event.ts";
import type { BackgroundWork } from "./background-work.ts";
import type { Clock } from "./clock.ts";
import type { AuditEventId, IdGenerator } from "./ids.ts";
import { deadApiTokenUsedNotice, notifyAdmins } from "./notify-admins.ts";
import type { Database, Stores } from "./stores.ts";
import type { InactiveReason, PresentedSecret, Verdict } from "./verdict.ts";

/** What a {@link DeadTokenAlarm} needs. */
export type DeadTokenAlarmOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: IdGenerator;
  readonly work: BackgroundWork;
};

type DeadReason = Extract<InactiveReason, "revoked" | "expired" | "retired">;

/** How many alarms are remembered as raised. One that is forgotten costs a statement, and is found raised by that. */
const maxRemembered = 10_000;

/**
 * Raises an alarm when somebody presents a token that is revoked or expired, or a secret that was replaced: one event for
 * each token, reason and hour, whichever replica sees it, and a mail to all admins. A replaced secret of a live token is
 * an event only: it is more often a consumer that was forgotten than a thief.
 */
export class DeadTokenAlarm {
  readonly #options: DeadTokenAlarmOptions;
  /** The hour in which the alarm of each token and reason was raised last, the oldest first. */
  readonly #raised = new Map<string, number>();

  constructor(options: DeadTokenAlarmOptions) {
    this.#options = options;
  }

  /** Takes note of what a presented token was worth. Returns at once, and never throws. */
  note(verdict: Verdict, origin: RequestOrigin): void {
    if (verdict.active || verdict.presented === undefined || !isDead(verdict.reason)) return;
    const { presented, reason } = verdict;
    const at = this.#options.clock.now();
    const key = `${presented.token.id} ${reason}`;
    const hour = hourOf(at);
    if (this.#raised.get(key) === hour) return;
    const { database, work } = this.#options;
    const isTaken = work.add(() =>
      database.transact((stores) => this.#raise(stores, presented, { reason, at, hour, origin })),
    );
    if (isTaken) this.#remember(key, hour);
  }

  #remember(key: string, hour: number): void {
    this.#raised.delete(key);
    this.#raised.set(key, hour);
    const [oldest] = this.#raised.keys();
    if (this.#raised.size > maxRemembered && oldest !== undefined) this.#raised.delete(oldest);
  }

  async #raise(
    stores: Stores,
    { token, secret }: PresentedSecret,
    use: { readonly reason: DeadReason; readonly at: Date; readonly hour: number; readonly origin: RequestOrigin },
  ): Promise<void> {
    const { organizationId } = token;
    const { reason, at, hour, origin } = use;
    const kind = `api_token_used_when_${reason}` as const;
    if (!(await stores.alarms.raiseAlarm(organizationId, { kind, apiTokenId: token.id, hour }))) return;
    if (reason !== "retired") {
      const notice = deadApiTokenUsedNotice({ ...token, obfuscated: secret.obfuscated }, { reason, ip: origin.ip, at });
      await notifyAdmins(stores, this.#options, organizationId, notice);
    }
    const event: AuditEvent = {
      id: this.#options.newId<AuditEventId>(),
      organizationId,
      at,
      action: "api_token.used_when_dead",
      outcome: "refused",
      actor: { type: "api_token", id: token.id, label: token.label },
      target: apiTokenTarget(token),
      origin,
      before: null,
      after: { reason, fingerprint: secret.fingerprint },
    };
    await stores.auditEvents.appendAuditEvent(event);
  }
}

/** The hour since 1970 that a time lies in. */
export function hourOf(at: Date): number {
  return Math.floor(at.getTime() / 3_600_000);
}

function isDead(reason: InactiveReason): reason is DeadReason {
  return reason === "revoked" || reason === "expired" || reason === "retired";
}
