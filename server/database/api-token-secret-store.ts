import type { Kysely } from "kysely";
import type { ApiTokenSecretStore } from "../domain/stores.ts";
import type { QueryWords } from "./dialect-words.ts";
import { milliseconds, parseApiToken, parseSecret, secretRow } from "./rows.ts";
import type { Tables } from "./schema.ts";

/** Secrets of tokens in the database. */
export function createApiTokenSecretStore(database: Kysely<Tables>, { isOneOf }: QueryWords): ApiTokenSecretStore {
  return {
    async findPresented(sha256s) {
      if (sha256s.length === 0) return [];
      const rows = await database
        .selectFrom("api_token_secrets as secret")
        .innerJoin("api_tokens", "api_tokens.id", "secret.api_token_id")
        .selectAll("api_tokens")
        .select([
          "secret.sha256 as sha256",
          "secret.fingerprint as fingerprint",
          "secret.obfuscated as obfuscated",
          "secret.api_token_id as api_token_id",
          "secret.state as state",
          "secret.created_at as secret_created_at",
          "secret.dies_at as dies_at",
          "secret.rotation as rotation",
        ])
        .where(isOneOf("secret.sha256", sha256s))
        .execute();
      return rows.map((row) => ({
        token: parseApiToken(row),
        secret: parseSecret({ ...row, created_at: row.secret_created_at }),
      }));
    },
    async findSecret(organizationId, apiTokenId, fingerprint) {
      const row = await database
        .selectFrom("api_token_secrets")
        .selectAll()
        .where("organization_id", "=", organizationId)
        .where("api_token_id", "=", apiTokenId)
        .where("fingerprint", "=", fingerprint)
        .executeTakeFirst();
      return row === undefined ? undefined : parseSecret(row);
    },
    async insertSecret(secret) {
      await database.insertInto("api_token_secrets").values(secretRow(secret)).execute();
    },
    async retireCurrentSecret(organizationId, apiTokenId, diesAt) {
      await database
        .updateTable("api_token_secrets")
        .set({ state: diesAt === null ? "superseded" : "retiring", dies_at: milliseconds(diesAt) })
        .where("organization_id", "=", organizationId)
        .where("api_token_id", "=", apiTokenId)
        .where("state", "=", "current")
        .execute();
    },
    async supersedeNewSecret(organizationId, apiTokenId) {
      await database
        .updateTable("api_token_secrets")
        .set({ state: "superseded" })
        .where("organization_id", "=", organizationId)
        .where("api_token_id", "=", apiTokenId)
        .where("state", "=", "new")
        .execute();
    },
    async promoteNewSecret(organizationId, apiTokenId, sha256) {
      await database
        .updateTable("api_token_secrets")
        .set({ state: "current" })
        .where("organization_id", "=", organizationId)
        .where("api_token_id", "=", apiTokenId)
        .where("sha256", "=", sha256)
        .where("state", "=", "new")
        .execute();
    },
  };
}
