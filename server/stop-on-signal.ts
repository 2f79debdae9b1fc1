import process from "node:process";

/** How long requests under way may take to finish after a signal, in milliseconds. */
const shutdownTimeoutMs = 10_000;

/**
 * Ends the process after `stop` has, when it is told to by SIGINT or SIGTERM; at once when it is told again.
 * @param fail told why `stop` failed; it ends the process.
 */
export function stopOnSignal(stop: () => Promise<void>, fail: (error: unknown) => never): void {
  let stopping = false;
  const onSignal = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), shutdownTimeoutMs).unref();
    stop().then(() => process.exit(0), fail);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
}
