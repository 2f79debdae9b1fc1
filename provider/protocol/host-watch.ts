/** How long each wait may last, in milliseconds. */
export interface HostWatchLimits {
  /** For the first connection. */
  readonly firstConnectionMs: number;
  /** For a new connection after the last one closed. */
  readonly reconnectMs: number;
  /** Between two looks at whether the parent process is still there. */
  readonly pollMs: number;
}

export interface HostWatchOptions {
  /** The id of the parent process as it is now: it changes when the parent ends (except on Windows). */
  readonly parentId: () => number;
  /** Called once, when nobody is left to serve. */
  readonly onGone: (reason: string) => void;
  readonly limits?: HostWatchLimits;
}

const defaultLimits: HostWatchLimits = { firstConnectionMs: 60_000, reconnectMs: 3000, pollMs: 250 };

/**
 * Notices that the host has gone. A host that is killed stops nobody: its connections close, and its children get another parent.
 * While a connection is open the host lives, so there is nothing to look at.
 */
export class HostWatch {
  readonly #options: HostWatchOptions;
  readonly #limits: HostWatchLimits;
  readonly #parentId: number;
  #poll: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** Starts waiting for the first connection. */
  constructor(options: HostWatchOptions) {
    this.#options = options;
    this.#limits = options.limits ?? defaultLimits;
    this.#parentId = options.parentId();
    this.#await(this.#limits.firstConnectionMs, "Nobody connected to the provider.");
  }

  /** To be told how many connections are open, at each change. */
  connectionsChanged(open: number): void {
    clearInterval(this.#poll);
    if (open === 0 && !this.#isClosed) this.#await(this.#limits.reconnectMs, "The host closed its connection.");
  }

  /** Ends the watch. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#poll);
  }

  #await(limitMs: number, reason: string): void {
    const deadline = performance.now() + limitMs;
    this.#poll = setInterval(() => {
      const isOrphan = this.#options.parentId() !== this.#parentId;
      if (!isOrphan && performance.now() < deadline) return;
      this.close();
      this.#options.onGone(isOrphan ? "The host process has ended." : reason);
    }, this.#limits.pollMs);
  }
}
