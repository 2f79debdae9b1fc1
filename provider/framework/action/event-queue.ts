/** Events of a producer that does not wait, for one reader that does. */
export class EventQueue<T> {
  #waiting: readonly T[] = [];
  #hasEnded = false;
  #changed = Promise.withResolvers<void>();

  /** Adds one; what comes after the end is dropped. */
  add(event: T): void {
    if (this.#hasEnded) return;
    this.#waiting = [...this.#waiting, event];
    this.#changed.resolve();
  }

  /** Lets the reader end when it has read everything. */
  end(): void {
    this.#hasEnded = true;
    this.#changed.resolve();
  }

  /** Every event in order, as it comes, until the end. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    while (true) {
      const ready = this.#waiting;
      this.#waiting = [];
      yield* ready;
      if (this.#waiting.length > 0) continue;
      if (this.#hasEnded) return;
      await this.#changed.promise;
      this.#changed = Promise.withResolvers<void>();
    }
  }
}
