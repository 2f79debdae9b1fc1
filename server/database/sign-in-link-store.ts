import type { Kysely } from "kysely";
import { parseId } from "../domain/ids.ts";
import type { SignInLinkPurpose } from "../domain/sign-in.ts";
import type { SignInLinkStore } from "../domain/stores.ts";
import { milliseconds, parseTime } from "./rows.ts";
import type { Tables } from "./schema.ts";

/** Sign-in links in the database. */
export function createSignInLinkStore(database: Kysely<Tables>): SignInLinkStore {
  return {
    async insertSignInLink(link) {
      await database
        .insertInto("sign_in_links")
        .values({
          sha256: link.sha256,
          organization_id: link.organizationId,
          user_id: link.userId,
          purpose: link.purpose,
          created_at: link.createdAt.getTime(),
          expires_at: link.expiresAt.getTime(),
          ended_at: milliseconds(link.endedAt),
          return_to: link.returnTo,
        })
        .execute();
    },
    async findSignInLink(sha256) {
      const row = await database
        .selectFrom("sign_in_links")
        .selectAll()
        .where("sha256", "=", sha256)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      return {
        sha256: row.sha256,
        organizationId: parseId(row.organization_id),
        userId: parseId(row.user_id),
        purpose: parsePurpose(row.purpose),
        createdAt: new Date(row.created_at),
        expiresAt: new Date(row.expires_at),
        endedAt: parseTime(row.ended_at),
        returnTo: row.return_to,
      };
    },
    async endSignInLink(organizationId, sha256, now) {
      const { numUpdatedRows } = await database
        .updateTable("sign_in_links")
        .set({ ended_at: now.getTime() })
        .where("organization_id", "=", organizationId)
        .where("sha256", "=", sha256)
        .where("ended_at", "is", null)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },
    async endSignInLinksOf(organizationId, userId, now) {
      await database
        .updateTable("sign_in_links")
        .set({ ended_at: now.getTime() })
        .where("organization_id", "=", organizationId)
        .where("user_id", "=", userId)
        .where("ended_at", "is", null)
        .execute();
    },
    async deleteOutdatedSignInLinks(expiredBefore) {
      const { numDeletedRows } = await database
        .deleteFrom("sign_in_links")
        .where("expires_at", "<=", expiredBefore.getTime())
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

function parsePurpose(text: string): SignInLinkPurpose {
  if (text === "sign_in" || text === "invitation" || text === "first_sign_in") return text;
  throw new TypeError("The database holds a sign-in link of a purpose that this version does not know.");
}
