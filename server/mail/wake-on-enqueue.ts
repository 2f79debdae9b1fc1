import type { Database, Stores } from "../domain/stores.ts";

/** A database that tells when a transaction which enqueued mail has committed, so that nobody waits for the next poll. */
export function wakeOnEnqueue(database: Database, wake: () => void): Database {
  return {
    ...database,
    async transact<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
      let hasEnqueued = false;
      const result = await database.transact((stores) => {
        hasEnqueued = false;
        return work({
          ...stores,
          mail: {
            ...stores.mail,
            async enqueueMail(messages) {
              hasEnqueued ||= messages.length > 0;
              await stores.mail.enqueueMail(messages);
            },
          },
        });
      });
      if (hasEnqueued) wake();
      return result;
    },
  };
}
