import type { OrganizationId } from "./ids.ts";
import { ProblemError } from "./problem.ts";
import type { AuditEventStore } from "./stores.ts";

/** How often the database is asked while anybody waits, in milliseconds. */
const intervalMs = 100;
/** How many may wait in one process, and of one organization: none takes the places of the others. */
const [maxWaiting, maxWaitingOfOne] = [5_000, 500];

type Waiting = {
  readonly organizationId: OrganizationId;
  readonly after: number;
  readonly endsAtMs: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/** What may happen after the end of it all. */
type WatchOptions = {
  readonly auditEvents: Pick<AuditEventStore, "findNewestSequences">;
  /** Milliseconds that only ever grow. */
  readonly monotonicMs: () => number;
};

/**
 * Lets requests wait until something happens in their organization. Whatever the number of them, one small query asks for all
 * organizations together, and only while anybody waits. It looks at the database, so that what another replica did counts as well.
 */
export class ChangeWatch {
  readonly #options: WatchOptions;
  #waiting: readonly Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the organization has an event beyond `after`, when the time is up, and when the server stops.
   * @throws ProblemError `service_unavailable` when too many wait; anything else when the database cannot tell.
   */
  wait(organizationId: OrganizationId, after: number, waitMs: number): Promise<void> {
    if (this.#isClosed || waitMs === 0) return Promise.resolve();
    const ofOne = this.#waiting.filter((waiting) => waiting.organizationId === organizationId).length;
    if (this.#waiting.length >= maxWaiting || ofOne >= maxWaitingOfOne) {
      throw new ProblemError("service_unavailable", "Too many wait for changes. Verify without keeping verifications.");
    }
    const endsAtMs = this.#options.monotonicMs() + waitMs;
    return new Promise((resolve, reject) => {
      this.#waiting = [...this.#waiting, { organizationId, after, endsAtMs, resolve, reject }];
      this.#timer ??= setTimeout(() => void this.#look(), 0);
    });
  }

  /** Lets everybody go. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting = [];
  }

  async #look(): Promise<void> {
    const asking = this.#waiting;
    try {
      const ids = [...new Set(asking.map(({ organizationId }) => organizationId))];
      const newest = await this.#options.auditEvents.findNewestSequences(ids);
      const nowMs = this.#options.monotonicMs();
      const isOver = ({ organizationId, after, endsAtMs }: Waiting) =>
        (newest.get(organizationId) ?? 0) !== after || endsAtMs <= nowMs;
      this.#release(new Set(asking.filter(isOver)), ({ resolve }) => resolve());
    } catch (error) {
      this.#release(new Set(asking), ({ reject }) => reject(error));
    }
    const goesOn = this.#waiting.length > 0 && !this.#isClosed;
    this.#timer = goesOn ? setTimeout(() => void this.#look(), intervalMs) : undefined;
  }

  #release(over: ReadonlySet<Waiting>, end: (waiting: Waiting) => void): void {
    this.#waiting = this.#waiting.filter((waiting) => !over.has(waiting));
    for (const waiting of over) end(waiting);
  }
}
