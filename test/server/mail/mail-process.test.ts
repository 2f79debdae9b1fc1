import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTestClock, eventually } from "../../support/clock.ts";
import { emptyLocation, openDatabaseAt } from "../../support/database.ts";
import { createTestWorker, readHeader, readParts } from "../../support/mail.ts";
import { initialiseDatabase, startServerProcess } from "../../support/server-command.ts";
import { type ReceivedMail, startSmtpServer } from "../../support/smtp-server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const from = ["--mail-from", "Test tokens <tokens@mail.test.example>"];

test("a server sends what its database has waiting, and a change's mail at once, by STARTTLS and with its password", async () => {
  const { folder, database, token } = await prepare();
  const credentials = { user: "orgtokens", password: "pass/word canary" };
  const smtp = await startSmtpServer({ encryption: "starttls", credentials });
  writeFileSync(join(folder, "ca.pem"), smtp.ca);
  const url = `smtp://orgtokens:${encodeURIComponent(credentials.password)}@localhost:${smtp.port}`;
  const args = ["--database", database, "--port", "0", "--public-url", "https://tokens.test.example", ...from];
  const server = await startServerProcess(args, {
    ORGTOKENS_SMTP_URL: url,
    NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
  });
  await eventually(() => smtp.mails.find(isAbout("First Admin token")), 10_000);
  const began = performance.now();
  await server.send("POST", "/v2/api-tokens", token, { label: "CI deploy", role: "developer" });
  const mail = await eventually(() => smtp.mails.find(isAbout("CI deploy")), 10_000);
  // The next poll would be 5 s away.
  expect(performance.now() - began).toBeLessThan(4500);
  expect(readParts(mail.raw).text).toContain("\nhttps://tokens.test.example/organization/api-tokens");
  expect(readHeader(mail.raw, "From")).toBe("Test tokens <tokens@mail.test.example>");
  expect(await server.end("SIGTERM")).toBe(0);
  expect(server.log()).toContain("mail sent");
  expect(server.log()).not.toMatch(/canary|ada@test\.example|CI deploy.*mail/);
});

test("without a mail server mail is in files beside the database, and the log says so and where", async () => {
  const folder = await temporaryFolder();
  const database = join(folder, "orgtokens.sqlite");
  await initialiseDatabase(folder, database);
  const server = await startServerProcess(["--database", database, "--port", "0"]);
  const file = await eventually(() => fileIn(`${database}-mail`), 10_000);
  expect(await server.end("SIGTERM")).toBe(0);
  const raw = readFileSync(join(`${database}-mail`, file), "utf8");
  expect(readHeader(raw, "Subject")).toBe("[Test Ltd] API token generated: First Admin token");
  expect(readParts(raw).text).toContain(`\n${server.endpoint}/organization/api-tokens`);
  expect(server.log()).toMatch(/WARN mail is written to files: set --smtp-url to send it directory=.*-mail/);
  expect(server.log()).toMatch(/INFO mail written path=.*\.eml/);
});

test("two servers over one database send each mail once", { timeout: 60_000 }, async () => {
  const { database, token } = await prepare();
  const smtp = await startSmtpServer();
  const args = ["--database", database, "--port", "0", "--smtp-url", `smtp://127.0.0.1:${smtp.port}`, ...from];
  const servers = [await startServerProcess(args), await startServerProcess(args)];
  for (let round = 0; round < 4; round += 1) {
    await Promise.all(
      servers.map((server, index) =>
        server.send("POST", "/v2/api-tokens", token, { label: `S${index}R${round}`, role: "developer" }),
      ),
    );
  }
  const labels = ["First Admin token", ...[0, 1].flatMap((s) => [0, 1, 2, 3].map((r) => `S${s}R${r}`))];
  await eventually(() => (labels.every((label) => smtp.mails.some(tells(label))) ? true : undefined), 30_000);
  for (const server of servers) await server.end("SIGTERM");
  for (const label of labels) expect(smtp.mails.filter(tells(label)), label).toHaveLength(1);
});

test("a server killed between the mail server's yes and its own note of it costs one mail too many, with the same Message-ID", async () => {
  const { database } = await prepare();
  let kill: () => Promise<unknown> = async () => undefined;
  const smtp = await startSmtpServer({ onMail: () => kill().then(() => undefined) });
  const url = `smtp://127.0.0.1:${smtp.port}`;
  const server = await startServerProcess(["--database", database, "--port", "0", "--smtp-url", url, ...from]);
  kill = () => server.end("SIGKILL");
  await eventually(() => smtp.mails[0], 10_000);
  kill = async () => undefined;
  const { database: opened } = await openDatabaseAt(database);
  const clock = createTestClock(new Date(Date.now() + 60_000));
  const { worker } = createTestWorker({ database: opened, clock }, smtp);
  // The dead server's lease still holds.
  expect(await worker.deliverDue()).toBe(0);
  clock.advance({ minutes: 3 });
  expect(await worker.deliverDue()).toBe(1);
  clock.advance({ days: 2 });
  expect(await worker.deliverDue()).toBe(0);
  await opened.close();
  expect(smtp.mails).toHaveLength(2);
  expect(new Set(smtp.mails.map(({ raw }) => readHeader(raw, "Message-ID"))).size).toBe(1);
});

test("a server that ends while its mail server is silent ends in time, and the mail is there for the next", async () => {
  const { database } = await prepare();
  let isSilent = true;
  let release: () => void = () => undefined;
  const asked = { count: 0 };
  const smtp = await startSmtpServer({
    onRcptTo() {
      asked.count += 1;
      if (isSilent) return new Promise<void>((resolve) => (release = resolve));
    },
  });
  const args = ["--database", database, "--port", "0", "--smtp-url", `smtp://127.0.0.1:${smtp.port}`, ...from];
  const server = await startServerProcess(args);
  await eventually(() => (asked.count > 0 ? true : undefined), 10_000);
  const began = performance.now();
  expect(await server.end("SIGTERM")).toBe(0);
  expect(performance.now() - began).toBeLessThan(9000);
  release();
  isSilent = false;
  const { database: opened } = await openDatabaseAt(database);
  const clock = createTestClock(new Date(Date.now() + 10 * 60_000));
  await createTestWorker({ database: opened, clock }, smtp).worker.deliverDue();
  await opened.close();
  expect(smtp.mails).toHaveLength(1);
});

async function prepare() {
  const folder = await temporaryFolder();
  const database = await emptyLocation();
  return { folder, database, token: await initialiseDatabase(folder, database) };
}

function isAbout(label: string) {
  return ({ raw }: ReceivedMail) => readHeader(raw, "Subject") === `[Test Ltd] API token generated: ${label}`;
}

/** Whether a mail is about a token alone, or lists it. */
function tells(label: string) {
  return ({ raw }: ReceivedMail) => {
    const { text } = readParts(raw);
    return text.includes(`  ${label}\r\n`) || text.includes(`: ${label} (`);
  };
}

function fileIn(folder: string): string | undefined {
  try {
    return readdirSync(folder).find((name) => name.endsWith(".eml"));
  } catch {
    return undefined;
  }
}
