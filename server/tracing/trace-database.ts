import type { Database } from "../domain/stores.ts";
import type { Tracer } from "./tracer.ts";

/**
 * A database whose transactions, and batches of verifications, are spans. A batch answers many requests at once: its span
 * is in the trace of the one that came first.
 */
export function traceDatabase<Given extends Database>(database: Given, tracer: Tracer): Given {
  const { stores } = database;
  return {
    ...database,
    stores: {
      ...stores,
      secrets: {
        ...stores.secrets,
        findPresented: (sha256s) =>
          tracer.trace("verification batch", { "orgtokens.batch_size": sha256s.length }, () =>
            stores.secrets.findPresented(sha256s),
          ),
      },
    },
    transact: (work) => tracer.trace("transaction", {}, () => database.transact(work)),
  };
}
