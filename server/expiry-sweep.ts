import type { Clock } from "./domain/clock.ts";
import type { IdGenerator } from "./domain/ids.ts";
import { expiresSoonNotice, notifyAdmins } from "./domain/notify-admins.ts";
import type { Database } from "./domain/stores.ts";

/** How many days ahead admins are told of an expiry, the nearest first. */
const noticeDays = [1, 7, 30];
/** How many tokens one transaction is about at most. */
const batchSize = 50;
/** How often expiries are looked for, in milliseconds: every 10 minutes. */
const intervalMs = 600_000;

/** What the sweep needs. */
export type ExpirySweepServices = { readonly database: Database; readonly clock: Clock; readonly newId: IdGenerator };

/**
 * Tells admins of tokens that expire in 30, 7 or 1 days or sooner: each once per token, expiry and number of days, however
 * many servers do this at once. A token that comes up for several numbers at the same time is told of once.
 */
export async function announceExpiries({ database, clock, newId }: ExpirySweepServices): Promise<void> {
  for (const days of noticeDays) {
    for (let found = batchSize; found === batchSize; ) {
      found = await database.transact(async (stores) => {
        const tokens = await stores.expiryNotices.claimExpiring(clock.now(), days, batchSize);
        for (const token of tokens) {
          await notifyAdmins(stores, { clock, newId }, token.organizationId, expiresSoonNotice(token, days));
        }
        return tokens.length;
      });
    }
  }
}

/**
 * Announces expiries now and every 10 minutes until the result is called, which waits for a run under way. Of several
 * replicas one does it.
 * @param onError told when a run failed; the next one tries again.
 */
export function scheduleExpirySweep(
  services: ExpirySweepServices,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let running = Promise.resolve();
  const sweep = async () => {
    try {
      await services.database.exclusively("expiry-notices", () => announceExpiries(services));
    } catch (error) {
      onError(error);
    }
  };
  const begin = () => {
    running = running.then(sweep);
  };
  begin();
  const timer = setInterval(begin, intervalMs).unref();
  return () => {
    clearInterval(timer);
    return running;
  };
}
