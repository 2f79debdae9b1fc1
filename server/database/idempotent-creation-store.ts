import type { Kysely } from "kysely";
import { parseId } from "../domain/ids.ts";
import type { IdempotentCreationStore } from "../domain/stores.ts";
import type { Tables } from "./schema.ts";

/** Idempotency keys of creations in the database. */
export function createIdempotentCreationStore(database: Kysely<Tables>): IdempotentCreationStore {
  return {
    async findIdempotentCreation(organizationId, key, madeAfter) {
      const row = await database
        .selectFrom("idempotent_creations")
        .select(["api_token_id", "request_sha256"])
        .where("organization_id", "=", organizationId)
        .where("idempotency_key", "=", key)
        .where("made_at", ">", madeAfter.getTime())
        .executeTakeFirst();
      return row === undefined
        ? undefined
        : { apiTokenId: parseId(row.api_token_id), requestSha256: row.request_sha256 };
    },
    async putIdempotentCreation(organizationId, key, { apiTokenId, requestSha256, madeAt }) {
      const columns = { api_token_id: apiTokenId, request_sha256: requestSha256, made_at: madeAt.getTime() };
      await database
        .insertInto("idempotent_creations")
        .values({ organization_id: organizationId, idempotency_key: key, ...columns })
        .onConflict((conflict) => conflict.columns(["organization_id", "idempotency_key"]).doUpdateSet(columns))
        .execute();
    },
    async deleteIdempotentCreations(madeBefore) {
      await database.deleteFrom("idempotent_creations").where("made_at", "<=", madeBefore.getTime()).execute();
    },
  };
}
