import type { ConnectionOptions } from "node:tls";
import { createTransport } from "nodemailer";
import { MailError, type MailTransport } from "./mail-transport.ts";

/** A mail server. */
export type SmtpServer = {
  readonly host: string;
  readonly port: number;
  /**
   * `tls` from the first byte; `starttls`: nothing, not even a password, is sent before the connection is encrypted;
   * `opportunistic`: encrypted if the server offers it, for servers on the same machine.
   */
  readonly encryption: "tls" | "starttls" | "opportunistic";
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
};

/** How long each step may take, in milliseconds. The worker limits the whole. */
export type SmtpTimeouts = {
  readonly connectMs: number;
  readonly greetingMs: number;
  /** Without a byte from the server. */
  readonly silenceMs: number;
};

const defaultTimeouts: SmtpTimeouts = { connectMs: 10_000, greetingMs: 15_000, silenceMs: 30_000 };

/**
 * Sends mail through a mail server, each over a connection of its own: notices are few, and a connection that is kept open
 * is one more thing to go stale.
 *
 * @param tls for tests with an authority of their own.
 */
export function createSmtpTransport(
  server: SmtpServer,
  tls: Pick<ConnectionOptions, "ca"> = {},
  timeouts: SmtpTimeouts = defaultTimeouts,
): MailTransport {
  const { host, port, encryption, credentials } = server;
  const mailer = createTransport({
    host,
    port,
    secure: encryption === "tls",
    requireTLS: encryption === "starttls",
    opportunisticTLS: encryption === "opportunistic",
    ...(credentials === undefined ? {} : { auth: { user: credentials.user, pass: credentials.password } }),
    // A server that does not ask for the password gets no mail without it either: it is not the one that was meant.
    forceAuth: credentials !== undefined,
    tls,
    connectionTimeout: timeouts.connectMs,
    dnsTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.silenceMs,
    maxResponseSize: 64 * 1024,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ from, to, subject, text, html, messageId, date, headers }, signal) {
      const envelope = { from: from.address, to: [to] };
      const mail = { from, to: { name: "", address: to }, subject, text, html, messageId, date, headers, envelope };
      try {
        await mailer.sendMail({ ...mail, xMailer: false, signal });
      } catch (error) {
        throw explain(error);
      }
    },
  };
}

/** What an error of nodemailer means. Read by its codes: its texts repeat what the server wrote. */
function explain(error: unknown): MailError {
  const { code, permanent, responseCode, timeoutType, command } = readCodes(error);
  const answer = responseCode === undefined ? "" : ` (SMTP ${responseCode})`;
  switch (code) {
    case "EENVELOPE":
    case "EMESSAGE":
      if (command.startsWith("MAIL")) {
        return new MailError("unavailable", `The mail server refused the sender's address${answer}.`, error);
      }
      if (permanent === true) return new MailError("refused", `The mail server refused the mail${answer}.`, error);
      if (responseCode !== undefined) {
        return new MailError("deferred", `The mail server did not take the mail for now${answer}.`, error);
      }
      return new MailError("refused", "The recipient's address cannot be used.", error);
    case "EAUTH":
    case "ENOAUTH":
      return new MailError("unavailable", `The mail server refused the user name and password${answer}.`, error);
    case "ETLS":
      return new MailError("unavailable", "The connection to the mail server could not be encrypted.", error);
    case "EDNS":
      return new MailError("unavailable", "The mail server's name could not be found.", error);
    case "ETIMEDOUT":
      return new MailError("unavailable", `The mail server took too long to ${waitedFor(timeoutType)}.`, error);
    case "EABORT":
      return new MailError("deferred", "The attempt took too long, or was interrupted by the server's end.", error);
    case "ECONNECTION":
    case "ESOCKET":
    case "EPROTOCOL":
      return new MailError("unavailable", `The connection to the mail server failed${answer}.`, error);
    default:
      return new MailError("deferred", "The mail could not be handed to the mail server.", error);
  }
}

function waitedFor(timeoutType: string | undefined): string {
  return timeoutType === "CONNECT_TIMEOUT" ? "connect" : "answer";
}

function readCodes(error: unknown) {
  const fields: Readonly<Record<string, unknown>> = error instanceof Error ? { ...error } : {};
  const { code, permanent, responseCode, timeoutType, command } = fields;
  return {
    code: String(code),
    command: String(command),
    permanent: permanent === true ? true : undefined,
    responseCode: typeof responseCode === "number" ? responseCode : undefined,
    timeoutType: typeof timeoutType === "string" ? timeoutType : undefined,
  };
}
