import type { Kysely } from "kysely";
import { type ApiTokenId, parseId } from "../domain/ids.ts";
import type { DestinationStore } from "../domain/stores.ts";
import type { Tables } from "./schema.ts";

/** Claimed destinations in the database. */
export function createDestinationStore(database: Kysely<Tables>): DestinationStore {
  return {
    async findClaimant(organizationId, destination, now) {
      const row = await database
        .selectFrom("destinations")
        .innerJoin("api_tokens", "api_tokens.id", "destinations.api_token_id")
        .select("destinations.api_token_id as api_token_id")
        .where("destinations.organization_id", "=", organizationId)
        .where("destinations.uri", "=", destination)
        .where("api_tokens.revoked_at", "is", null)
        .where(({ eb, or }) =>
          or([eb("api_tokens.expires_at", "is", null), eb("api_tokens.expires_at", ">", now.getTime())]),
        )
        .where(({ eb, or }) =>
          or([eb("api_tokens.pending_until", "is", null), eb("api_tokens.pending_until", ">", now.getTime())]),
        )
        .executeTakeFirst();
      return row === undefined ? undefined : parseId<ApiTokenId>(row.api_token_id);
    },
    async claim(organizationId, destination, apiTokenId, now) {
      if ((await this.findClaimant(organizationId, destination, now)) === undefined) {
        await database
          .deleteFrom("destinations")
          .where("organization_id", "=", organizationId)
          .where("uri", "=", destination)
          .execute();
      }
      await database
        .insertInto("destinations")
        .values({ organization_id: organizationId, uri: destination, api_token_id: apiTokenId })
        .execute();
    },
    async releaseExcept(organizationId, apiTokenId, keep) {
      await database
        .deleteFrom("destinations")
        .where("organization_id", "=", organizationId)
        .where("api_token_id", "=", apiTokenId)
        .$if(keep.length > 0, (query) => query.where("uri", "not in", keep))
        .execute();
    },
  };
}
