/**
 * Ends a call of an official client with the signal: at once for the caller, and on the wire as soon as the client can.
 * @throws the reason of the signal
 */
export async function untilAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => {
    if ("cancel" in call && typeof call.cancel === "function") call.cancel();
    reject(signal.reason);
  };
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([call, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
