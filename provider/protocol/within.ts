/** Waits for `work`, but not longer than `limitMs`. Rejects as `work` does, unless it does so too late. */
export async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  const { promise: limit, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  try {
    await Promise.race([limit, work]);
  } finally {
    clearTimeout(timer);
  }
}
