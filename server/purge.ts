import { retentionMs } from "./domain/api-token.ts";
import type { Clock } from "./domain/clock.ts";
import { hourOf } from "./domain/dead-token-alarm.ts";
import { linkRetentionMs } from "./domain/sign-in.ts";
import type { Database } from "./domain/stores.ts";
import { idempotencyLifetimeMs } from "./operations/repeated-creation.ts";

/** How often outdated tokens are deleted, in milliseconds: every hour. */
const intervalMs = 3_600_000;

/**
 * Deletes tokens that were discarded or dead for 90 days, mail that was sent or given up before that, sessions that have
 * expired, and links that did a day ago: now and every hour until the result is called, which waits for a run under way.
 * Of several replicas one does it.
 * @param onError told when a run failed; the next one tries again.
 */
export function schedulePurge(
  database: Database,
  clock: Clock,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let running = Promise.resolve();
  const purge = async () => {
    const now = clock.now();
    try {
      await database.exclusively("purge", () =>
        database.transact(async (stores) => {
          await stores.apiTokens.deleteOutdatedApiTokens(now, new Date(now.getTime() - retentionMs));
          // Only the hour of now can be raised again; the one before, by a replica whose clock is behind.
          await stores.alarms.deleteAlarms(hourOf(now) - 1);
          await stores.sessions.deleteOutdatedSessions(now);
          await stores.signInLinks.deleteOutdatedSignInLinks(new Date(now.getTime() - linkRetentionMs));
          await stores.mailQueue.deleteFinishedMail(new Date(now.getTime() - retentionMs));
          await stores.idempotentCreations.deleteIdempotentCreations(new Date(now.getTime() - idempotencyLifetimeMs));
        }),
      );
    } catch (error) {
      onError(error);
    }
  };
  const begin = () => {
    running = running.then(purge);
  };
  begin();
  const timer = setInterval(begin, intervalMs).unref();
  return () => {
    clearInterval(timer);
    return running;
  };
}
