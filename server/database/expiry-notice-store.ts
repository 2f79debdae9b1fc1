import type { Kysely } from "kysely";
import type { ExpiryNoticeStore } from "../domain/mail-stores.ts";
import { parseListed, selectListed } from "./api-token-store.ts";
import type { Tables } from "./schema.ts";

const dayMs = 86_400_000;

/** Announced expiries in the database. */
export function createExpiryNoticeStore(database: Kysely<Tables>): ExpiryNoticeStore {
  return {
    async claimExpiring(now, days, limit) {
      const rows = await selectListed(database)
        .where("api_tokens.revoked_at", "is", null)
        .where("api_tokens.pending_until", "is", null)
        .where("api_tokens.expires_at", ">", now.getTime())
        .where("api_tokens.expires_at", "<=", now.getTime() + days * dayMs)
        .where((eb) => eb("api_tokens.created_at", "<", eb("api_tokens.expires_at", "-", days * dayMs)))
        .where((eb) =>
          eb.or([
            eb("api_tokens.rotated_at", "is", null),
            eb("api_tokens.rotated_at", "<", eb("api_tokens.expires_at", "-", days * dayMs)),
          ]),
        )
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom("expiry_notices")
                .select("expiry_notices.days")
                .whereRef("expiry_notices.api_token_id", "=", "api_tokens.id")
                .whereRef("expiry_notices.expires_at", "=", "api_tokens.expires_at")
                .where("expiry_notices.days", "<=", days),
            ),
          ),
        )
        .orderBy("api_tokens.expires_at")
        .limit(limit)
        .execute();
      if (rows.length === 0) return [];
      const taken = await database
        .insertInto("expiry_notices")
        .values(rows.map((row) => ({ api_token_id: row.id, expires_at: row.expires_at ?? 0, days })))
        .onConflict((conflict) => conflict.doNothing())
        .returning("api_token_id")
        .execute();
      const ids = new Set(taken.map((row) => row.api_token_id));
      return rows.filter(({ id }) => ids.has(id)).map(parseListed);
    },
  };
}
