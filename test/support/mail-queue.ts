import { randomBytes } from "node:crypto";
import { createIdGenerator, type MailId, type OrganizationId, parseId } from "../../server/domain/ids.ts";
import type { MailMessage } from "../../server/domain/mail.ts";
import { MailError, type MailTransport } from "../../server/mail/mail-transport.ts";
import { createTestApp, type TestApp } from "./app.ts";
import { createCollector, createTestWorker } from "./mail.ts";

/** An application whose own first notice is out of the way. */
export async function prepareMail(): Promise<{ readonly app: TestApp }> {
  const app = await createTestApp();
  await createTestWorker(app, createCollector()).worker.deliverDue();
  app.clock.advance({ minutes: 11 });
  return { app };
}

/** A transport that accepts nothing. */
export function failing(reason: MailError["reason"]): MailTransport {
  return {
    async send() {
      throw new MailError(reason, reason === "deferred" ? "Not now." : "No.");
    },
  };
}

/** A notice, unless `overrides` say otherwise. */
export function buildMail(app: TestApp, overrides: Partial<MailMessage> = {}): MailMessage {
  const createdAt = app.clock.now();
  return {
    id: createIdGenerator(app.clock, randomBytes)<MailId>(),
    organizationId: parseId<OrganizationId>(app.organizationId),
    kind: "api_token_revoked",
    recipient: "ada@test.example",
    facts: {
      label: "CI",
      obfuscatedToken: "tok_abcd****",
      role: "developer",
      createdBy: "ada@test.example",
      createdAt: createdAt.toISOString(),
      by: "ada@test.example",
      at: createdAt.toISOString(),
    },
    oneTimeLink: null,
    apiTokenId: null,
    dedupeKey: null,
    createdAt,
    ...overrides,
  };
}

/** What makes a notice a mail with a link that works for 15 minutes. */
export function signInLink(app: TestApp, code = "abc"): Partial<MailMessage> {
  const expiresAt = new Date(app.clock.now().getTime() + 15 * 60_000);
  return { kind: "sign_in_link", facts: {}, oneTimeLink: { path: `/sign-in?code=${code}`, expiresAt } };
}

/** Enqueues so many mails and gives their ids. */
export async function enqueue(
  app: TestApp,
  count: number,
  overrides: (number: number) => Partial<MailMessage> = () => ({}),
): Promise<readonly MailId[]> {
  const messages = Array.from({ length: count }, (_, number) => buildMail(app, overrides(number)));
  await app.database.transact((stores) => stores.mail.enqueueMail(messages));
  return messages.map(({ id }) => id);
}

/** How many mails are in which state, the application's own first notice apart. */
export function statuses(app: TestApp): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const row of mailRows(app)) {
    const status = String(row["status"]);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

/** The rows of all mail in the order of their ids, the application's own first notice apart. */
export function mailRows(app: TestApp): readonly Readonly<Record<string, unknown>>[] {
  const rows = app.allContents()["mail"] as readonly Readonly<Record<string, unknown>>[];
  return rows
    .filter(({ facts }) => JSON.parse(String(facts)).label !== "First Admin token")
    .toSorted((left, right) => (String(left["id"]) < String(right["id"]) ? -1 : 1));
}
