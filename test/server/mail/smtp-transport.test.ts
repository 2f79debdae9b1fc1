import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { MailError, type OutgoingMail } from "../../../server/mail/mail-transport.ts";
import { createSmtpTransport, type SmtpServer } from "../../../server/mail/smtp-transport.ts";
import { type SmtpServerSetup, smtpAnswer, startSmtpServer, type TestSmtpServer } from "../../support/smtp-server.ts";

const mail: OutgoingMail = {
  from: { name: "Test", address: "tokens@test.example" },
  to: "ada@test.example",
  subject: "Subject",
  text: "Text\n",
  html: "<p>Text</p>\n",
  messageId: "<1@test.example>",
  date: new Date("2026-11-23T09:00:00.000Z"),
  headers: { "Auto-Submitted": "auto-generated" },
  fileName: "1",
};
const credentials = { user: "orgtokens", password: "pass-word-canary" };
const timeouts = { connectMs: 2000, greetingMs: 300, silenceMs: 300 };

test("with STARTTLS a mail is sent after the connection is encrypted and the password was taken", async () => {
  const server = await startSmtpServer({ encryption: "starttls", credentials });
  await send(server, { encryption: "starttls", credentials });
  expect(server.mails).toMatchObject([{ from: "tokens@test.example", to: ["ada@test.example"] }]);
  expect(server.mails[0]?.raw).toContain("Message-ID: <1@test.example>");
});

test("with smtps a mail is sent over TLS from the first byte", async () => {
  const server = await startSmtpServer({ encryption: "tls", credentials });
  await send(server, { encryption: "tls", credentials });
  expect(server.mails).toHaveLength(1);
});

test("neither mail nor password goes to a server that does not offer STARTTLS", async () => {
  const { port, received } = await startScript(["220 a\r\n", "250-a\r\n250 AUTH PLAIN\r\n", "502 no\r\n"]);
  const failure = await fail({ port }, { encryption: "starttls", credentials });
  expect(failure).toMatchObject({ reason: "unavailable" });
  expect(received()).not.toMatch(/AUTH|MAIL|DATA/);
});

test("neither mail nor password goes to a server whose certificate nobody vouches for", async () => {
  const server = await startSmtpServer({ encryption: "starttls", credentials });
  const failure = await fail({ port: server.port }, { encryption: "starttls", credentials });
  expect(failure).toMatchObject({ reason: "unavailable" });
  expect(server.mails).toEqual([]);
});

test("no mail goes to a server that does not ask for the password it is to have", async () => {
  const server = await startSmtpServer();
  const failure = await fail(server, { credentials });
  expect(failure).toMatchObject({ reason: "unavailable", message: expect.stringContaining("user name and password") });
  expect(server.mails).toEqual([]);
});

test("a wrong password is unavailable, and is in no part of the error's words", async () => {
  const server = await startSmtpServer({ encryption: "starttls", credentials });
  const wrong = { user: "orgtokens", password: "wrong-canary" };
  const failure = await fail(server, { encryption: "starttls", credentials: wrong });
  expect(failure).toMatchObject({
    reason: "unavailable",
    message: "The mail server refused the user name and password (SMTP 535).",
  });
});

test.for([
  ["the connection", 421, "onConnect", "unavailable"],
  ["the connection", 554, "onConnect", "unavailable"],
  ["the sender", 451, "onMailFrom", "unavailable"],
  ["the sender", 550, "onMailFrom", "unavailable"],
  ["the recipient", 450, "onRcptTo", "deferred"],
  ["the recipient", 550, "onRcptTo", "refused"],
  ["the mail", 451, "onMail", "deferred"],
  ["the mail", 554, "onMail", "refused"],
] as const)("refusing %s with %i is told by its code, not in the server's words", async ([, code, stage, reason]) => {
  const refuse = () => {
    throw smtpAnswer(code, "server-words-canary https://evil.example");
  };
  const server = await startSmtpServer({ [stage]: refuse } satisfies SmtpServerSetup);
  const failure = await fail(server, {});
  expect(failure.reason).toBe(reason);
  expect(failure.message).toContain(`(SMTP ${code})`);
  expect(failure.message).not.toMatch(/canary|evil/);
  expect(server.mails).toEqual([]);
});

const stages = ["220 a\r\n", "250 a\r\n", "250 a\r\n", "250 a\r\n", "354 a\r\n"];

test.for(["greeting", "EHLO", "MAIL FROM", "RCPT TO", "DATA", "the mail"].map((name, index) => [name, index] as const))(
  "a server that falls silent at %s is given up after a while",
  async ([, answered]) => {
    const { port } = await startScript(stages.slice(0, answered));
    const failure = await fail({ port }, {});
    expect(failure).toMatchObject({ reason: "unavailable", message: "The mail server took too long to answer." });
  },
);

test.for(["greeting", "EHLO", "MAIL FROM", "RCPT TO", "DATA", "the mail"].map((name, index) => [name, index] as const))(
  "a server that hangs up at %s is a failed connection",
  async ([, answered]) => {
    const { port } = await startScript([...stages.slice(0, answered), ""]);
    const failure = await fail({ port }, {});
    expect(failure.reason).not.toBe("refused");
    expect(failure.message).toMatch(/^The (connection to the mail server failed|mail server did not take)/);
  },
);

test("a server that is not there, and a name that nobody has, are unavailable", async () => {
  const { port } = await startScript([]);
  const gone = await startSmtpServer();
  await gone.close();
  expect(await fail(gone, {})).toMatchObject({ reason: "unavailable" });
  expect(await fail({ port }, { host: "no-such-host.invalid" })).toMatchObject({ reason: "unavailable" });
});

test("a server that drips an answer for ever is ended by the signal", async () => {
  const { port } = await startScript(["220 a\r\n"], (socket) => {
    const timer = setInterval(() => socket.write("250-a\r\n"), 20);
    socket.once("close", () => clearInterval(timer));
  });
  const failure = await fail({ port }, {}, AbortSignal.timeout(500));
  expect(failure).toMatchObject({ reason: "deferred" });
});

function send(
  server: Pick<TestSmtpServer, "port"> & Partial<TestSmtpServer>,
  settings: Partial<SmtpServer>,
  signal = AbortSignal.timeout(10_000),
): Promise<void> {
  const smtp = { host: "localhost", port: server.port, encryption: "opportunistic", credentials: undefined } as const;
  const tls = server.ca === undefined ? {} : { ca: server.ca };
  return createSmtpTransport({ ...smtp, ...settings }, tls, timeouts).send(mail, signal);
}

async function fail(...args: Parameters<typeof send>): Promise<MailError> {
  const error = await send(...args).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(MailError);
  return error as MailError;
}

/** A server that says each answer when it was spoken to, hangs up at an empty one, and then is silent. */
async function startScript(answers: readonly string[], then: (socket: Socket) => void = () => undefined) {
  let received = "";
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const rest = [...answers];
    const say = () => {
      const answer = rest.shift();
      if (answer === undefined) then(socket);
      else if (answer === "") socket.destroy();
      else socket.write(answer);
    };
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      received += chunk.toString();
      say();
    });
    say();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, received: () => received };
}
