/** What a {@link BackgroundWork} needs. */
export type BackgroundWorkOptions = {
  /** Told of each failed attempt. `isFinal`: the work was given up. */
  readonly onError: (error: unknown, isFinal: boolean) => void;
  /** How many works may wait. Default 1000. */
  readonly maxWaiting?: number;
  /** How long after each failed attempt the next one comes, in milliseconds. Default 1 s, 10 s and 60 s. */
  readonly retryDelaysMs?: readonly number[];
};

/** Something to be done. May run again after it failed. */
type Work = () => Promise<void>;

/**
 * Does what a request need not wait for, one after the other, each again when it failed. What waits is in memory: an
 * orderly end does it, a crash loses it.
 */
export class BackgroundWork {
  readonly #options: BackgroundWorkOptions;
  readonly #waiting: Work[] = [];
  #running: Promise<void> | undefined;
  #isClosing = false;
  #wake = (): void => undefined;

  constructor(options: BackgroundWorkOptions) {
    this.#options = options;
  }

  /** Adds work at the end. Returns at once: false when too much waits already, and the work is not taken. */
  add(work: Work): boolean {
    if (this.#waiting.length >= (this.#options.maxWaiting ?? 1000)) return false;
    this.#waiting.push(work);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return true;
  }

  /** Does what waits, each with one more attempt, and stops. Never rejects. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wake();
    while (this.#running !== undefined) await this.#running;
  }

  /** Begins in a later turn of the event loop, so that whoever adds work has answered by then. */
  async #run(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (let work = this.#waiting.shift(); work !== undefined; work = this.#waiting.shift()) await this.#attempt(work);
  }

  async #attempt(work: Work): Promise<void> {
    const delaysMs = this.#options.retryDelaysMs ?? [1000, 10_000, 60_000];
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        const delayMs = this.#isClosing ? undefined : delaysMs[attempt];
        this.#options.onError(error, delayMs === undefined);
        if (delayMs === undefined) return;
        await this.#pause(delayMs);
      }
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
