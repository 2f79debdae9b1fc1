import type { Kysely } from "kysely";
import { type MailId, parseId } from "../domain/ids.ts";
import { type ListedMail, type MailKind, type MailMessage, type MailStatus, mailKinds } from "../domain/mail.ts";
import type { MailStore } from "../domain/mail-stores.ts";
import type { MailRow, Tables } from "./schema.ts";

/** How many mails one statement inserts at most. */
const maxBatchSize = 50;

/** Mail in the database, as the rest of the server sees it. */
export function createMailStore(database: Kysely<Tables>): MailStore {
  return {
    async enqueueMail(messages) {
      for (let start = 0; start < messages.length; start += maxBatchSize) {
        await database
          .insertInto("mail")
          .values(messages.slice(start, start + maxBatchSize).map(mailRow))
          .onConflict((conflict) => conflict.column("dedupe_key").doNothing())
          .execute();
      }
    },
    async countMail() {
      const rows = await database
        .selectFrom("mail")
        .select(["status", ({ fn }) => fn.countAll<number>().as("count")])
        .groupBy("status")
        .execute();
      return rows.map(({ status, count }) => ({ status, count: Number(count) }));
    },
    async listApiTokenMail(organizationId, apiTokenId, { limit, after }) {
      const rows = await database
        .selectFrom("mail")
        .leftJoin("mail as digest", "digest.id", "mail.digest_id")
        .select(["mail.id", "mail.kind", "mail.recipient", "mail.status", "mail.attempts", "mail.last_error"])
        .select(["mail.created_at", "mail.finished_at"])
        .select(["digest.status as digest_status", "digest.attempts as digest_attempts"])
        .select(["digest.last_error as digest_last_error", "digest.finished_at as digest_finished_at"])
        .where("mail.organization_id", "=", organizationId)
        .where("mail.api_token_id", "=", apiTokenId)
        .$if(after !== undefined, (query) => query.where("mail.id", "<", after ?? ""))
        .orderBy("mail.id", "desc")
        .limit(limit)
        .execute();
      return rows.map(parseListedMail);
    },
  };
}

type ListedRow = Pick<
  MailRow,
  "id" | "kind" | "recipient" | "status" | "attempts" | "last_error" | "created_at" | "finished_at"
> & {
  digest_status: string | null;
  digest_attempts: number | null;
  digest_last_error: string | null;
  digest_finished_at: number | null;
};

/** What happened to a digest happened to everything in it. */
function parseListedMail(row: ListedRow): ListedMail {
  const own = { status: parseStatus(row.status), attempts: row.attempts, error: row.last_error, at: row.finished_at };
  const outcome =
    row.digest_status === null
      ? own
      : {
          status: row.digest_status === "sent" ? ("digested" as const) : parseStatus(row.digest_status),
          attempts: row.attempts + Number(row.digest_attempts),
          error: row.digest_last_error ?? row.last_error,
          at: row.digest_finished_at,
        };
  return {
    id: parseId<MailId>(row.id),
    kind: parseMailKind(row.kind),
    recipient: row.recipient,
    status: outcome.status,
    attempts: Number(outcome.attempts),
    lastError: outcome.error,
    createdAt: new Date(Number(row.created_at)),
    finishedAt: outcome.at === null ? null : new Date(Number(outcome.at)),
  };
}

/** A fresh mail as its row. */
function mailRow(message: MailMessage): MailRow {
  return {
    id: message.id,
    organization_id: message.organizationId,
    kind: message.kind,
    recipient: message.recipient,
    facts: JSON.stringify(message.facts),
    one_time_path: message.oneTimeLink?.path ?? null,
    one_time_expires_at: message.oneTimeLink?.expiresAt.getTime() ?? null,
    api_token_id: message.apiTokenId,
    dedupe_key: message.dedupeKey,
    created_at: message.createdAt.getTime(),
    status: "queued",
    digest_id: null,
    attempts: 0,
    due_at: message.createdAt.getTime(),
    lease_id: null,
    last_error: null,
    finished_at: null,
  };
}

/** @throws TypeError when the database holds another kind. */
export function parseMailKind(text: string): MailKind {
  const kind = mailKinds.find((candidate) => candidate === text);
  if (kind === undefined) throw new TypeError("The database holds a kind of mail that this version does not know.");
  return kind;
}

function parseStatus(text: string): MailStatus {
  if (text === "queued" || text === "sent" || text === "failed" || text === "digested") return text;
  throw new TypeError("The database holds a mail in a state that this version does not know.");
}
