import type { Actor, AuditEvent, RequestOrigin } from "./audit-event.ts";
import { apiTokenTarget } from "./audit-event.ts";
import type { BackgroundWork } from "./background-work.ts";
import type { Clock } from "./clock.ts";
import type { ApiTokenId, AuditEventId, IdGenerator, OrganizationId } from "./ids.ts";
import type { ProblemCode } from "./problem.ts";
import type { Database, Stores } from "./stores.ts";

/** An administrative attempt of somebody known that was refused. */
export type RefusedAttempt = {
  readonly organizationId: OrganizationId;
  readonly actor: Actor;
  readonly origin: RequestOrigin;
  readonly operationId: string;
  readonly code: ProblemCode;
  /** The token that was to be changed or seen; null when the operation is about none. */
  readonly apiTokenId: ApiTokenId | null;
};

/** What a {@link RefusalRecorder} needs. */
export type RefusalRecorderOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: IdGenerator;
  readonly work: BackgroundWork;
  /** Told of an attempt that could not be taken, because too many others are remembered. */
  readonly onOverflow: (attempt: RefusedAttempt) => void;
};

/** How long attempts of one kind are counted before they are recorded together, at first and at most, in milliseconds. */
const firstWindowMs = 60_000;
const longestWindowMs = 3_600_000;
/** How often windows are looked after, in milliseconds. */
const sweepIntervalMs = 10_000;
/** How many kinds of attempts are remembered at most. */
const maxWindows = 10_000;

type Window = {
  readonly endsAtMs: number;
  readonly lengthMs: number;
  /** The attempts since the window began that no event tells of yet, and the latest of them. */
  readonly count: number;
  readonly latest: RefusedAttempt;
  readonly latestAt: Date;
};

/**
 * Records refused administrative attempts as events, after the refusal was answered. The first attempt of an actor at an
 * operation for a reason is an event at once. Those that follow are counted, and are one event when the window ends: after
 * a minute, then twice as long each time for as long as they go on, up to an hour. So whatever somebody does, a day of it
 * is at most some 30 events for each operation and reason and each replica.
 */
export class RefusalRecorder {
  readonly #options: RefusalRecorderOptions;
  readonly #windows = new Map<string, Window>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RefusalRecorderOptions) {
    this.#options = options;
  }

  /** Takes note of an attempt. Returns at once, and never throws. */
  record(attempt: RefusedAttempt): void {
    const now = this.#options.clock.now();
    const key = [attempt.organizationId, attempt.actor.id, attempt.operationId, attempt.code].join(" ");
    if (this.#isOver(this.#windows.get(key), now)) this.#end(key, now);
    const window = this.#windows.get(key);
    if (window !== undefined) {
      this.#windows.set(key, { ...window, count: window.count + 1, latest: attempt, latestAt: now });
      return;
    }
    if (this.#windows.size >= maxWindows) {
      this.#options.onOverflow(attempt);
      return;
    }
    this.#windows.set(key, begin(attempt, now, firstWindowMs));
    this.#timer ??= setInterval(() => this.#sweep(), sweepIntervalMs).unref();
    this.#write(attempt, now, 1);
  }

  /** Hands what is counted to the background work, which is to be closed after this. */
  close(): void {
    clearInterval(this.#timer);
    for (const { latest, latestAt, count } of this.#windows.values()) {
      if (count > 0) this.#write(latest, latestAt, count);
    }
    this.#windows.clear();
  }

  #sweep(): void {
    const now = this.#options.clock.now();
    for (const [key, window] of this.#windows) if (this.#isOver(window, now)) this.#end(key, now);
    if (this.#windows.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #isOver(window: Window | undefined, now: Date): boolean {
    return window !== undefined && now.getTime() >= window.endsAtMs;
  }

  /** A window in which nothing more came ends for good; another one is followed by one twice as long. */
  #end(key: string, now: Date): void {
    const window = this.#windows.get(key);
    this.#windows.delete(key);
    if (window === undefined || window.count === 0) return;
    this.#write(window.latest, window.latestAt, window.count);
    this.#windows.set(key, begin(window.latest, now, Math.min(2 * window.lengthMs, longestWindowMs)));
  }

  #write(attempt: RefusedAttempt, at: Date, attempts: number): void {
    const { database, newId, work, onOverflow } = this.#options;
    const isTaken = work.add(() =>
      database.transact(async (stores) => {
        await stores.auditEvents.appendAuditEvent({
          ...(await describe(stores, attempt, at, attempts)),
          id: newId<AuditEventId>(),
        });
      }),
    );
    if (!isTaken) onOverflow(attempt);
  }
}

function begin(latest: RefusedAttempt, now: Date, lengthMs: number): Window {
  return { endsAtMs: now.getTime() + lengthMs, lengthMs, count: 0, latest, latestAt: now };
}

async function describe(
  stores: Stores,
  attempt: RefusedAttempt,
  at: Date,
  attempts: number,
): Promise<Omit<AuditEvent, "id">> {
  const { organizationId, actor, origin, operationId, code, apiTokenId } = attempt;
  const token = apiTokenId === null ? undefined : await stores.apiTokens.findApiToken(organizationId, apiTokenId, at);
  return {
    organizationId,
    at,
    action: "request.refused",
    outcome: "refused",
    actor,
    target: token === undefined ? null : apiTokenTarget(token),
    origin,
    before: null,
    after: { operationId, code, attempts },
  };
}
