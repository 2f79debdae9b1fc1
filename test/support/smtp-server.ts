import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";
import { createServerCertificate, type ServerCertificate } from "../../provider/protocol/certificate.ts";

/** A mail as a mail server got it: its envelope and every byte. */
export type ReceivedMail = { readonly from: string; readonly to: readonly string[]; readonly raw: string };

/** A real mail server on a free port of the loopback address. */
export type TestSmtpServer = {
  readonly port: number;
  /** What its certificate, for the name localhost, is trusted by. */
  readonly ca: string;
  /** What was received completely, in order. */
  readonly mails: readonly ReceivedMail[];
  /** How often a client connected. */
  connections(): number;
  close(): Promise<void>;
};

/** What the server does instead of accepting, at one stage. Throw what it answers: {@link smtpAnswer}. */
export type SmtpBehaviour = {
  readonly onConnect?: () => void | Promise<void>;
  readonly onMailFrom?: () => void | Promise<void>;
  readonly onRcptTo?: (address: string) => void | Promise<void>;
  /** Called when a mail was received completely, before it is accepted. */
  readonly onMail?: (mail: ReceivedMail) => void | Promise<void>;
};

/** How the server is set up. Without TLS and authentication by default. */
export type SmtpServerSetup = SmtpBehaviour & {
  readonly encryption?: "none" | "starttls" | "tls";
  readonly credentials?: { readonly user: string; readonly password: string };
};

/** An answer with an SMTP code, such as 451 or 550, to throw. */
export function smtpAnswer(code: number, text = "as the test says"): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

/** Starts a mail server, closed when the test has finished. */
export async function startSmtpServer(setup: SmtpServerSetup = {}): Promise<TestSmtpServer> {
  const { encryption = "none", credentials } = setup;
  const certificate = createServerCertificate(new Date());
  const mails: ReceivedMail[] = [];
  let connections = 0;
  const server = new SMTPServer({
    ...serverOptions(encryption, certificate),
    authOptional: credentials === undefined,
    disabledCommands: [
      ...(encryption === "starttls" ? [] : ["STARTTLS"]),
      ...(credentials === undefined ? ["AUTH"] : []),
    ],
    onConnect(_session, callback) {
      connections += 1;
      settle(setup.onConnect?.bind(setup), callback);
    },
    onAuth({ username, password }, _session, callback) {
      if (username === credentials?.user && password === credentials?.password) callback(null, { user: username });
      else callback(new Error("refused"));
    },
    onMailFrom: (_address, _session, callback) => settle(setup.onMailFrom?.bind(setup), callback),
    onRcptTo: ({ address }, _session, callback) => settle(() => setup.onRcptTo?.(address), callback),
    onData(stream, { envelope }, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        const mail = { from, to: envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks).toString() };
        settle(async () => {
          await setup.onMail?.(mail);
          mails.push(mail);
        }, callback);
      });
    },
  });
  server.on("error", () => undefined);
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  onTestFinished(close);
  const { port } = listening.address() as AddressInfo;
  return { port, ca: certificate.certificatePem, mails, connections: () => connections, close };
}

function serverOptions(encryption: "none" | "starttls" | "tls", certificate: ServerCertificate): SMTPServerOptions {
  return {
    secure: encryption === "tls",
    key: certificate.privateKeyPem,
    cert: certificate.certificatePem,
    logger: false,
    closeTimeout: 100,
    socketTimeout: 20_000,
    disableReverseLookup: true,
    allowInsecureAuth: false,
  };
}

function settle(act: (() => void | Promise<void>) | undefined, callback: (error?: Error | null) => void): void {
  void (async () => act?.())().then(
    () => callback(),
    (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
  );
}
