import { randomBytes } from "node:crypto";
import { createIdGenerator } from "../../server/domain/ids.ts";
import type { ClaimedMail, MailOutcome } from "../../server/domain/mail.ts";
import type { Database } from "../../server/domain/stores.ts";
import type { MailTransport, OutgoingMail } from "../../server/mail/mail-transport.ts";
import { MailWorker } from "../../server/mail/mail-worker.ts";
import { createSmtpTransport } from "../../server/mail/smtp-transport.ts";
import type { TestClock } from "./clock.ts";
import type { TestSmtpServer } from "./smtp-server.ts";

/** A worker under test, and what came of its attempts. */
export type TestWorker = {
  readonly worker: MailWorker;
  readonly outcomes: readonly (MailOutcome & { readonly kind: ClaimedMail["kind"] })[];
  readonly errors: readonly unknown[];
};

/** What mail is made with in tests. */
export const rendering = {
  publicUrl: "https://tokens.test.example",
  from: { name: "Test tokens", address: "tokens@mail.test.example" },
} as const;

/** Makes a worker. Without jitter; its clock is the test's. */
export function createTestWorker(
  { database, clock }: { readonly database: Database; readonly clock: TestClock },
  to: TestSmtpServer | MailTransport,
): TestWorker {
  const outcomes: (MailOutcome & { readonly kind: ClaimedMail["kind"] })[] = [];
  const errors: unknown[] = [];
  const worker = new MailWorker({
    database,
    clock,
    newId: createIdGenerator(clock, randomBytes),
    transport: "port" in to ? connectTo(to) : to,
    render: () => rendering,
    random: () => 0,
    onOutcome: ({ kind }, outcome) => outcomes.push({ ...outcome, kind }),
    onError: (error) => errors.push(error),
  });
  return { worker, outcomes, errors };
}

/** Sends to a server of the test. */
export function connectTo({ port }: Pick<TestSmtpServer, "port">): MailTransport {
  const server = { host: "localhost", port, encryption: "opportunistic", credentials: undefined } as const;
  return createSmtpTransport(server, {}, { connectMs: 5000, greetingMs: 5000, silenceMs: 5000 });
}

/** Keeps mail instead of sending it. */
export function createCollector(): MailTransport & { readonly sent: readonly OutgoingMail[] } {
  const sent: OutgoingMail[] = [];
  return {
    sent,
    async send(mail) {
      sent.push(mail);
    },
  };
}

/** A header field of a mail as it was sent, unfolded and with its encoded words decoded; undefined when there is none. */
export function readHeader(raw: string, name: string): string | undefined {
  const [head = ""] = raw.split("\r\n\r\n");
  const line = head
    .replaceAll(/\r\n[ \t]+/g, " ")
    .split("\r\n")
    .find((field) => field.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line
    ?.slice(name.length + 1)
    .trim()
    .replaceAll(/\?=\s+=\?/g, "?==?")
    .replaceAll(/=\?utf-8\?(b|q)\?([^?]*)\?=/gi, (_word, encoding: string, text: string) =>
      encoding.toLowerCase() === "b"
        ? Buffer.from(text, "base64").toString()
        : decodeQuotedPrintable(text.replaceAll("_", " ")),
    );
}

/** The text and the HTML of a mail as it was sent. */
export function readParts(raw: string): { readonly text: string; readonly html: string } {
  const boundary = /boundary="?([^";\r\n]+)/.exec(raw)?.[1] ?? "";
  const parts = raw.split(`--${boundary}`).slice(1);
  const read = (type: string) => {
    const part = parts.find((candidate) => candidate.includes(`Content-Type: ${type}`)) ?? "";
    const at = part.indexOf("\r\n\r\n");
    const body = part.slice(at + 4);
    if (/Content-Transfer-Encoding: base64/i.test(part)) return Buffer.from(body, "base64").toString();
    return /Content-Transfer-Encoding: quoted-printable/i.test(part) ? decodeQuotedPrintable(body) : body;
  };
  return { text: read("text/plain"), html: read("text/html") };
}

function decodeQuotedPrintable(text: string): string {
  const bytes = text
    .replaceAll(/=\r?\n/g, "")
    .replaceAll(/=([0-9A-F]{2})/gi, (_code, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(bytes, "latin1").toString();
}
