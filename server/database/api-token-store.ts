import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql } from "kysely";
import type { ListedApiToken } from "../domain/api-token.ts";
import type { OrganizationId } from "../domain/ids.ts";
import type { ApiTokenChange, ApiTokenFilter, ApiTokenStore } from "../domain/stores.ts";
import type { QueryWords } from "./dialect-words.ts";
import { apiTokenRow, milliseconds, networksText, parseApiToken } from "./rows.ts";
import type { ApiTokenRow, Tables } from "./schema.ts";

type Builder = ExpressionBuilder<Tables, "api_tokens">;

/** Tokens in the database. */
export function createApiTokenStore(database: Kysely<Tables>, { isOneOf, usesTable }: QueryWords): ApiTokenStore {
  return {
    async findApiToken(organizationId, id, now) {
      const row = await selectListed(database)
        .where("api_tokens.organization_id", "=", organizationId)
        .where("api_tokens.id", "=", id)
        .where((builder) => hasStatus(builder, "all", now.getTime()))
        .executeTakeFirst();
      return row === undefined ? undefined : parseListed(row);
    },
    async listApiTokens(organizationId, filter, { limit, page, after }, now) {
      const rows = await selectListed(database)
        .where((builder) => matches(builder, { organizationId, filter, nowMs: now.getTime(), isOneOf }))
        .$if(after !== undefined, (query) => query.where("api_tokens.id", "<", after ?? ""))
        .orderBy("api_tokens.id", "desc")
        .limit(limit + 1)
        .offset((page - 1) * limit)
        .execute();
      const { total } = await database
        .selectFrom("api_tokens")
        .select(({ fn }) => fn.countAll<number>().as("total"))
        .where((builder) => matches(builder, { organizationId, filter, nowMs: now.getTime(), isOneOf }))
        .executeTakeFirstOrThrow();
      return { tokens: rows.map(parseListed), total: Number(total) };
    },
    async insertApiToken(token) {
      await database.insertInto("api_tokens").values(apiTokenRow(token)).execute();
    },
    async updateApiToken(organizationId, id, change) {
      const columns = changedColumns(change);
      if (Object.keys(columns).length === 0) return;
      await database
        .updateTable("api_tokens")
        .set(columns)
        .where("organization_id", "=", organizationId)
        .where("id", "=", id)
        .execute();
    },
    async updateLastUses(uses) {
      const rows = uses.map(({ organizationId, apiTokenId, usedAt, ip }) => {
        return { organization_id: organizationId, api_token_id: apiTokenId, used_at: usedAt.getTime(), ip };
      });
      await database
        .updateTable("api_tokens")
        .from(usesTable(rows).as("use"))
        .set(({ ref }) => ({ last_used_at: ref("use.used_at"), last_used_ip: ref("use.ip") }))
        .whereRef("api_tokens.organization_id", "=", "use.organization_id")
        .whereRef("api_tokens.id", "=", "use.api_token_id")
        .where(({ eb, or, ref }) => or([eb("last_used_at", "is", null), eb("last_used_at", "<", ref("use.used_at"))]))
        .execute();
    },
    async deleteOutdatedApiTokens(now, deadBefore) {
      const { numDeletedRows } = await database
        .deleteFrom("api_tokens")
        .where(({ eb, or, and }) =>
          or([
            and([eb("revoked_at", "is", null), eb("pending_until", "<=", now.getTime())]),
            eb("revoked_at", "<=", deadBefore.getTime()),
            eb("expires_at", "<=", deadBefore.getTime()),
          ]),
        )
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

/** A row of {@link selectListed}. */
export type ListedRow = ApiTokenRow & { obfuscated: string; fingerprint: string; new_fingerprint: string | null };

/** Tokens joined with their one current secret, and their new one if there is one. */
export function selectListed(database: Kysely<Tables>) {
  return database
    .selectFrom("api_tokens")
    .innerJoin("api_token_secrets as current_secret", (join) =>
      join.onRef("current_secret.api_token_id", "=", "api_tokens.id").on("current_secret.state", "=", "current"),
    )
    .leftJoin("api_token_secrets as new_secret", (join) =>
      join.onRef("new_secret.api_token_id", "=", "api_tokens.id").on("new_secret.state", "=", "new"),
    )
    .selectAll("api_tokens")
    .select([
      "current_secret.obfuscated as obfuscated",
      "current_secret.fingerprint as fingerprint",
      "new_secret.fingerprint as new_fingerprint",
    ]);
}

/** Reads a token from a row of {@link selectListed}. */
export function parseListed(row: ListedRow): ListedApiToken {
  const { obfuscated, fingerprint, new_fingerprint: newFingerprint } = row;
  return { ...parseApiToken(row), obfuscated, fingerprint, newFingerprint };
}

type Wanted = Pick<QueryWords, "isOneOf"> & {
  readonly organizationId: OrganizationId;
  readonly filter: ApiTokenFilter;
  readonly nowMs: number;
};

function matches(builder: Builder, { organizationId, filter, nowMs, isOneOf }: Wanted): Expression<SqlBool> {
  const { eb, and } = builder;
  return and([
    eb("api_tokens.organization_id", "=", organizationId),
    hasStatus(builder, filter.status, nowMs),
    ...(filter.label === undefined ? [] : [eb("api_tokens.label", "=", filter.label)]),
    ...(filter.search === undefined ? [] : [labelContains(builder, filter.search)]),
    ...(filter.destination === undefined ? [] : [eb("api_tokens.destination", "=", filter.destination)]),
    ...(filter.managedBy === undefined ? [] : [eb("api_tokens.managed_by", "=", filter.managedBy)]),
    ...(filter.ids === undefined ? [] : [isOneOf("api_tokens.id", filter.ids)]),
  ]);
}

/** What means something in a pattern of LIKE stands for itself. */
function labelContains({ ref }: Builder, text: string): Expression<SqlBool> {
  const pattern = `%${text.replaceAll(/[!%_]/g, "!$&")}%`;
  return sql<SqlBool>`lower(${ref("api_tokens.label")}) like lower(${pattern}) escape '!'`;
}

/** The SQL of `statusAt`. `all` leaves out discarded tokens, which have no status. */
function hasStatus({ eb, and, or }: Builder, status: ApiTokenFilter["status"], nowMs: number): Expression<SqlBool> {
  const isRevoked = eb("api_tokens.revoked_at", "is not", null);
  const isNotRevoked = eb("api_tokens.revoked_at", "is", null);
  const isActivated = eb("api_tokens.pending_until", "is", null);
  const isWaiting = eb("api_tokens.pending_until", ">", nowMs);
  const isExpired = eb("api_tokens.expires_at", "<=", nowMs);
  const isNotExpired = or([eb("api_tokens.expires_at", "is", null), eb("api_tokens.expires_at", ">", nowMs)]);
  switch (status) {
    case "revoked":
      return isRevoked;
    case "expired":
      return and([isNotRevoked, or([isActivated, isWaiting]), isExpired]);
    case "active":
      return and([isNotRevoked, isActivated, isNotExpired]);
    case "pending":
      return and([isNotRevoked, isWaiting, isNotExpired]);
    case "live":
      return and([isNotRevoked, or([isActivated, isWaiting]), isNotExpired]);
    case "all":
      return or([isRevoked, isActivated, isWaiting]);
  }
}

function changedColumns(change: ApiTokenChange): Partial<ApiTokenRow> {
  return {
    ...(change.label === undefined ? {} : { label: change.label }),
    ...(change.description === undefined ? {} : { description: change.description }),
    ...(change.expiresAt === undefined ? {} : { expires_at: milliseconds(change.expiresAt) }),
    ...(change.managedBy === undefined ? {} : { managed_by: change.managedBy }),
    ...(change.allowedNetworks === undefined ? {} : { allowed_networks: networksText(change.allowedNetworks) }),
    ...(change.destination === undefined ? {} : { destination: change.destination }),
    ...(change.pendingUntil === undefined ? {} : { pending_until: milliseconds(change.pendingUntil) }),
    ...(change.revokedAt === undefined ? {} : { revoked_at: milliseconds(change.revokedAt) }),
    ...(change.rotatedAt === undefined ? {} : { rotated_at: milliseconds(change.rotatedAt) }),
  };
}
