import type { MailConfig } from "./config.ts";
import type { Clock } from "./domain/clock.ts";
import { createIdGenerator } from "./domain/ids.ts";
import type { ClaimedMail, MailOutcome } from "./domain/mail.ts";
import type { Database } from "./domain/stores.ts";
import { createDirectoryTransport } from "./mail/directory-transport.ts";
import type { MailTransport } from "./mail/mail-transport.ts";
import { MailWorker } from "./mail/mail-worker.ts";
import { createSmtpTransport } from "./mail/smtp-transport.ts";

/** Where the worker writes what it does. */
export type MailLog = Readonly<Record<"info" | "warn" | "error", (fields: object, message: string) => void>>;

/** What delivering mail needs. */
export type MailDeliveryOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Uint8Array;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly publicUrl: () => string;
  readonly log: MailLog;
};

/** Makes the worker that delivers mail as the settings say. It does nothing before its `start`. */
export function createMailDelivery(config: MailConfig, options: MailDeliveryOptions): MailWorker {
  const { database, clock, randomBytes, random, publicUrl, log } = options;
  return new MailWorker({
    database,
    clock,
    newId: createIdGenerator(clock, randomBytes),
    random,
    transport: openTransport(config, log),
    render: () => ({ publicUrl: publicUrl(), from: config.from }),
    onOutcome: (mail, outcome) => logOutcome(log, mail, outcome),
    onError: (error) => log.error({ err: error }, "mail could not be taken from or noted in the database"),
  });
}

function openTransport(config: MailConfig, log: MailLog): MailTransport {
  if ("smtp" in config) return createSmtpTransport(config.smtp);
  const { directory, isDefault } = config;
  if (isDefault) log.warn({ directory }, "mail is written to files: set --smtp-url to send it");
  return createDirectoryTransport(directory, (path) => log.info({ path }, "mail written"));
}

/** Neither recipient nor content: a log is read by more people than a mailbox. */
function logOutcome(log: MailLog, { id, kind, attempts }: ClaimedMail, outcome: MailOutcome): void {
  const fields = { mailId: id, kind, attempts };
  switch (outcome.type) {
    case "sent":
      log.info(fields, "mail sent");
      break;
    case "failed":
      log.error({ ...fields, lastError: outcome.lastError }, "mail given up");
      break;
    case "retry":
      log.warn(
        { ...fields, lastError: outcome.lastError, dueAt: outcome.dueAt.toISOString() },
        "mail failed, and is tried again",
      );
  }
}
