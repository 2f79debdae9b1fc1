import type { ExpressionBuilder, Kysely, Selectable } from "kysely";
import { type ApiTokenId, type MailId, type OrganizationId, parseId } from "../domain/ids.ts";
import { type ClaimedMail, type MailFacts, mailKinds, noticeKinds } from "../domain/mail.ts";
import type { MailQueueStore } from "../domain/mail-stores.ts";
import { parseMailKind } from "./mail-store.ts";
import type { MailRow, Tables } from "./schema.ts";

/** How many recipients, and how many notices of a digest, one statement is about at most. */
const maxRows = 200;

/** What is wiped of a mail when nobody needs to deliver it any more. */
const wiped = { one_time_path: null, one_time_expires_at: null };

/** Mail in the database, as workers see it. */
export function createMailQueueStore(database: Kysely<Tables>): MailQueueStore {
  return { ...createPlanning(database), ...createDelivery(database) };
}

type Planning = Pick<
  MailQueueStore,
  | "hasWork"
  | "giveUpOverdueMail"
  | "listWaiting"
  | "listSentTimes"
  | "postponeMail"
  | "gatherDigest"
  | "deleteFinishedMail"
>;

/** What decides which mail is sent when, and in which form. */
function createPlanning(database: Kysely<Tables>): Planning {
  return {
    async hasWork(now) {
      const row = await database
        .selectFrom("mail")
        .select("id")
        .where("status", "=", "queued")
        .where((eb) => eb.or([eb("due_at", "<=", now.getTime()), eb("one_time_expires_at", "<=", now.getTime())]))
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    async giveUpOverdueMail(now, enqueuedBefore) {
      const { numUpdatedRows } = await database
        .updateTable("mail")
        .set(({ fn, val }) => ({
          ...wiped,
          status: "failed",
          finished_at: now.getTime(),
          last_error: fn.coalesce("last_error", val("It could not be delivered in time.")),
        }))
        .where("status", "=", "queued")
        // One that a worker is about to deliver is left to it.
        .where((eb) => eb.or([eb("lease_id", "is", null), eb("due_at", "<=", now.getTime())]))
        .where((eb) =>
          eb.or([eb("created_at", "<=", enqueuedBefore.getTime()), eb("one_time_expires_at", "<=", now.getTime())]),
        )
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
    async listWaiting(kinds, now) {
      const rows = await database
        .selectFrom("mail")
        .select(({ fn }) => ["organization_id", "recipient", fn.countAll<number>().as("waiting")])
        .where("kind", "in", kinds)
        .where((eb) => isUntaken(eb, now))
        .groupBy(["organization_id", "recipient"])
        .orderBy(({ fn }) => fn.min("due_at"))
        .limit(maxRows)
        .execute();
      return rows.map((row) => ({
        organizationId: parseId<OrganizationId>(row.organization_id),
        recipient: row.recipient,
        waiting: Number(row.waiting),
      }));
    },
    async listSentTimes({ organizationId, recipient }, kinds, since, limit) {
      const rows = await database
        .selectFrom("mail")
        .select("finished_at")
        .where("organization_id", "=", organizationId)
        .where("recipient", "=", recipient)
        .where("status", "=", "sent")
        .where("kind", "in", kinds)
        .where("finished_at", ">", since.getTime())
        .orderBy("finished_at", "desc")
        .limit(limit)
        .execute();
      return rows.map((row) => new Date(Number(row.finished_at)));
    },
    async postponeMail({ organizationId, recipient }, kinds, now, until) {
      await database
        .updateTable("mail")
        .set({ due_at: until.getTime() })
        .where("organization_id", "=", organizationId)
        .where("recipient", "=", recipient)
        .where("kind", "in", kinds)
        .where((eb) => isUntaken(eb, now))
        .execute();
    },
    async gatherDigest(id, { organizationId, recipient }, now) {
      const { numUpdatedRows } = await database
        .updateTable("mail")
        .set({ status: "digested", digest_id: id, finished_at: now.getTime() })
        .where("id", "in", (eb) =>
          eb
            .selectFrom("mail")
            .select("mail.id")
            .where("organization_id", "=", organizationId)
            .where("recipient", "=", recipient)
            .where("kind", "in", noticeKinds)
            .where((inner) => isUntaken(inner, now))
            .orderBy("mail.id")
            .limit(maxRows),
        )
        // Again here: another worker may have taken some while this one waited for them.
        .where((eb) => isUntaken(eb, now))
        .executeTakeFirstOrThrow();
      const count = Number(numUpdatedRows);
      if (count > 0) {
        await database
          .insertInto("mail")
          .values(digestRow(id, organizationId, recipient, now, count))
          .execute();
      }
      return count;
    },
    async deleteFinishedMail(finishedBefore) {
      const { numDeletedRows } = await database
        .deleteFrom("mail")
        .where("finished_at", "<=", finishedBefore.getTime())
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

/** Taking mail, and what came of it. */
function createDelivery(database: Kysely<Tables>): Omit<MailQueueStore, keyof Planning> {
  return {
    async listDigestedNotices(id, limit) {
      const rows = await database
        .selectFrom("mail")
        .select(["kind", "facts", "created_at"])
        .where("digest_id", "=", id)
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        kind: parseMailKind(row.kind),
        facts: parseFacts(row.facts),
        createdAt: new Date(Number(row.created_at)),
      }));
    },
    async claimMail(now, lease, limit) {
      const rows = await database
        .updateTable("mail")
        .set((eb) => ({ lease_id: lease.id, due_at: lease.until.getTime(), attempts: eb("attempts", "+", 1) }))
        .where("id", "in", (eb) =>
          eb
            .selectFrom("mail")
            .select("mail.id")
            .where("status", "=", "queued")
            .where("due_at", "<=", now.getTime())
            // A newer server may have enqueued what only it can deliver.
            .where("kind", "in", [...mailKinds, "digest"])
            .orderBy((inner) => inner("one_time_path", "is", null))
            .orderBy("due_at")
            .orderBy("mail.id")
            .limit(limit),
        )
        // Again here: another worker may have taken some while this one waited for them.
        .where("status", "=", "queued")
        .where("due_at", "<=", now.getTime())
        .returningAll()
        .execute();
      if (rows.length === 0) return [];
      const organizations = await database
        .selectFrom("organizations")
        .select(["id", "name"])
        .where("id", "in", [...new Set(rows.map((row) => row.organization_id))])
        .execute();
      const names = new Map(organizations.map(({ id, name }) => [id, name]));
      return rows.map((row) => parseClaimed(row, names.get(row.organization_id) ?? ""));
    },
    async settleMail(leaseId, id, outcome) {
      const base = { lease_id: null };
      const columns =
        outcome.type === "retry"
          ? { ...base, due_at: outcome.dueAt.getTime(), last_error: outcome.lastError }
          : {
              ...base,
              ...wiped,
              status: outcome.type,
              finished_at: outcome.at.getTime(),
              last_error: outcome.type === "failed" ? outcome.lastError : null,
            };
      await database
        .updateTable("mail")
        .set(columns)
        .where("id", "=", id)
        .where("lease_id", "=", leaseId)
        .where("status", "=", "queued")
        .execute();
    },
  };
}

/** Due, and in nobody's hands, nor left behind by somebody who may have delivered it. */
function isUntaken({ eb, and }: ExpressionBuilder<Tables, "mail">, now: Date) {
  return and([eb("status", "=", "queued"), eb("due_at", "<=", now.getTime()), eb("lease_id", "is", null)]);
}

function digestRow(id: MailId, organizationId: string, recipient: string, now: Date, count: number): MailRow {
  return {
    id,
    organization_id: organizationId,
    kind: "digest",
    recipient,
    facts: JSON.stringify({ count }),
    one_time_path: null,
    one_time_expires_at: null,
    api_token_id: null,
    dedupe_key: null,
    created_at: now.getTime(),
    status: "queued",
    digest_id: null,
    attempts: 0,
    due_at: now.getTime(),
    lease_id: null,
    last_error: null,
    finished_at: null,
  };
}

function parseClaimed(row: Selectable<MailRow>, organizationName: string): ClaimedMail {
  return {
    id: parseId<MailId>(row.id),
    organizationId: parseId<OrganizationId>(row.organization_id),
    organizationName,
    kind: row.kind === "digest" ? row.kind : parseMailKind(row.kind),
    recipient: row.recipient,
    facts: parseFacts(row.facts),
    oneTimeLink:
      row.one_time_path === null
        ? null
        : { path: row.one_time_path, expiresAt: new Date(Number(row.one_time_expires_at)) },
    apiTokenId: row.api_token_id === null ? null : parseId<ApiTokenId>(row.api_token_id),
    createdAt: new Date(Number(row.created_at)),
    attempts: Number(row.attempts),
  };
}

/** Facts as {@link MailStore.enqueueMail} wrote them. */
function parseFacts(json: string): MailFacts {
  const stored: unknown = JSON.parse(json);
  if (typeof stored !== "object" || stored === null) throw new TypeError("The database holds a mail without facts.");
  return Object.fromEntries(
    Object.entries(stored).map(([name, value]) => [
      name,
      typeof value === "number" || value === null ? value : String(value),
    ]),
  );
}
