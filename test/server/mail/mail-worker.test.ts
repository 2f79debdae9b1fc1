import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { MailTransport, OutgoingMail } from "../../../server/mail/mail-transport.ts";
import { wakeOnEnqueue } from "../../../server/mail/wake-on-enqueue.ts";
import type { TestApp } from "../../support/app.ts";
import { buildToken } from "../../support/builders.ts";
import { eventually } from "../../support/clock.ts";
import { createCollector, createTestWorker, readHeader } from "../../support/mail.ts";
import { buildMail, enqueue, failing, prepareMail, signInLink, statuses } from "../../support/mail-queue.ts";
import { smtpAnswer, startSmtpServer } from "../../support/smtp-server.ts";

const leaseSeconds = 180;

test("a mail is sent once, and then never again", async () => {
  const { app } = await prepareMail();
  const server = await startSmtpServer();
  const { worker } = createTestWorker(app, server);
  await buildToken(app, { label: "CI deploy" });
  expect(await worker.deliverDue()).toBe(1);
  expect(await worker.deliverDue()).toBe(0);
  app.clock.advance({ days: 10 });
  expect(await worker.deliverDue()).toBe(0);
  expect(server.mails.map(({ to, raw }) => [to, readHeader(raw, "Subject")])).toEqual([
    [["ada@test.example"], "[Test Ltd] API token generated: CI deploy"],
  ]);
});

test("two workers over one database send no mail twice", async () => {
  const { app } = await prepareMail();
  const server = await startSmtpServer();
  const ids = await enqueue(app, 40, (number) => ({ recipient: `p${number}@test.example` }));
  const workers = [createTestWorker(app, server).worker, createTestWorker(app, server).worker];
  const attempts = await Promise.all(workers.map((worker) => worker.deliverDue()));
  expect(attempts.reduce((total, count) => total + count)).toBe(40);
  const sent = server.mails.map(({ raw }) => readHeader(raw, "Message-ID"));
  expect(sent.toSorted()).toEqual(ids.map((id) => `<${id}@mail.test.example>`).toSorted());
});

test("a mail that was accepted and not recorded is sent once more, with the same Message-ID, after the lease", async () => {
  const { app } = await prepareMail();
  const server = await startSmtpServer();
  const crashing = createTestWorker({ ...app, database: failAt(app, "settleMail") }, server);
  await enqueue(app, 1);
  await crashing.worker.deliverDue();
  const other = createTestWorker(app, server).worker;
  expect(await other.deliverDue()).toBe(0);
  app.clock.advance({ seconds: leaseSeconds });
  expect(await other.deliverDue()).toBe(1);
  app.clock.advance({ days: 2 });
  expect(await other.deliverDue()).toBe(0);
  expect(new Set(server.mails.map(({ raw }) => readHeader(raw, "Message-ID"))).size).toBe(1);
  expect(server.mails).toHaveLength(2);
});

test("a mail that is refused for good is given up, and keeps nobody else's waiting", async () => {
  const { app } = await prepareMail();
  const server = await startSmtpServer({
    onRcptTo(address) {
      if (address === "p1@test.example") throw smtpAnswer(550);
    },
  });
  await enqueue(app, 3, (number) => ({ recipient: `p${number}@test.example` }));
  const { worker, outcomes } = createTestWorker(app, server);
  await worker.deliverDue();
  expect(server.mails.map(({ to }) => to[0]).toSorted()).toEqual(["p0@test.example", "p2@test.example"]);
  expect(outcomes).toContainEqual(
    expect.objectContaining({ type: "failed", lastError: "The mail server refused the mail (SMTP 550)." }),
  );
});

test("a mail that cannot be written is given up, and keeps nobody else's waiting", async () => {
  const { app } = await prepareMail();
  const collector = createCollector();
  await enqueue(app, 3, (number) => (number === 1 ? { facts: {} } : {}));
  const { worker, outcomes, errors } = createTestWorker(app, collector);
  await worker.deliverDue();
  expect(collector.sent).toHaveLength(2);
  expect(outcomes.map(({ type }) => type).toSorted()).toEqual(["failed", "sent", "sent"]);
  expect(errors).toHaveLength(1);
});

test("a mail of a kind that only a newer server knows is left to it", async () => {
  const { app } = await prepareMail();
  const collector = createCollector();
  await enqueue(app, 2, (number) => (number === 0 ? { kind: "from_the_future" as "api_token_revoked" } : {}));
  await createTestWorker(app, collector).worker.deliverDue();
  expect(collector.sent).toHaveLength(1);
  expect(statuses(app)).toEqual({ queued: 1, sent: 1 });
});

test.for(["sent", "refused", "expired"] as const)(
  "a one-time link is wiped from the database when it was %s",
  async (end) => {
    const { app } = await prepareMail();
    const canary = `canary${randomBytes(12).toString("hex")}`;
    await enqueue(app, 1, () => signInLink(app, canary));
    expect(JSON.stringify(app.contents()["mail"])).toContain(canary);
    const collector = createCollector();
    if (end === "expired") app.clock.advance({ minutes: 15 });
    await createTestWorker(app, end === "refused" ? failing("refused") : collector).worker.deliverDue();
    expect(JSON.stringify(app.contents()["mail"])).not.toContain(canary);
    expect(collector.sent.map(({ text }) => text.includes(canary))).toEqual(end === "sent" ? [true] : []);
    expect(statuses(app)).toEqual(end === "sent" ? { sent: 1 } : { failed: 1 });
  },
);

test("no secret of a token is in any mail, in the queue or in the log", async () => {
  const { app } = await prepareMail();
  const server = await startSmtpServer();
  const created = await buildToken(app, { label: "Canary" });
  const rotated = await app.call("rotateApiToken", { id: created.id, body: {} });
  await app.call("revokeApiToken", { id: created.id });
  await createTestWorker(app, server).worker.deliverDue();
  const everything =
    server.mails.map(({ raw }) => raw.replaceAll("=\r\n", "")).join("") + app.log() + JSON.stringify(app.allContents());
  expect(server.mails).toHaveLength(3);
  for (const secret of [created.token, rotated.token]) expect(everything).not.toContain(secret.slice(8));
});

test("nothing is sent while a transaction is open", async () => {
  const { app } = await prepareMail();
  await enqueue(app, 1);
  let open = 0;
  const database = {
    ...app.database,
    async transact<T>(work: Parameters<typeof app.database.transact<T>>[0]) {
      open += 1;
      return app.database.transact(work).finally(() => {
        open -= 1;
      });
    },
  };
  const seen: number[] = [];
  const transport = { send: async () => void seen.push(open) };
  await createTestWorker({ ...app, database }, transport).worker.deliverDue();
  expect(seen).toEqual([0]);
});

test("mail enqueued in this process is sent at once, only after its transaction has committed", async () => {
  const { app } = await prepareMail();
  const collector = createCollector();
  const database = wakeOnEnqueue(app.database, () => running.worker.wake());
  const running = createTestWorker({ ...app, database }, collector);
  running.worker.start();
  await database.transact(async (stores) => {
    await stores.mail.enqueueMail([buildMail(app)]);
    expect(collector.sent).toEqual([]);
  });
  const began = performance.now();
  await eventually(() => collector.sent[0]);
  // The next poll would be after 5 s.
  expect(performance.now() - began).toBeLessThan(4000);
  const rolledBack = database.transact(async (stores) => {
    await stores.mail.enqueueMail([buildMail(app)]);
    throw new Error("no");
  });
  await expect(rolledBack).rejects.toThrow("no");
  await running.worker.close();
  expect(collector.sent).toHaveLength(1);
});

test("a worker that is closed lets a mail under way finish, and takes no other", async () => {
  const { app } = await prepareMail();
  await enqueue(app, 8, (number) => ({ recipient: `p${number}@test.example` }));
  let finish: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const sent: OutgoingMail[] = [];
  const transport: MailTransport = {
    async send(mail) {
      sent.push(mail);
      await held;
    },
  };
  const { worker } = createTestWorker(app, transport);
  worker.start();
  await eventually(() => (sent.length === 4 ? true : undefined));
  const closed = worker.close();
  finish();
  await closed;
  expect(sent).toHaveLength(4);
  expect(statuses(app)).toEqual({ queued: 4, sent: 4 });
});

test("a worker whose database fails goes on when it is back", async () => {
  const { app } = await prepareMail();
  await enqueue(app, 1);
  let isDown = true;
  const database = {
    ...app.database,
    transact: ((work) =>
      isDown ? Promise.reject(new Error("down")) : app.database.transact(work)) as typeof app.database.transact,
  };
  const collector = createCollector();
  const { worker, errors } = createTestWorker({ ...app, database }, collector);
  worker.start();
  await eventually(() => errors[0]);
  isDown = false;
  worker.wake();
  await eventually(() => collector.sent[0]);
  await worker.close();
});

/** A database in which one method of the queue always fails, as if the process had ended there. */
function failAt({ database }: TestApp, method: "settleMail"): TestApp["database"] {
  return {
    ...database,
    transact: (work) =>
      database.transact((stores) =>
        work({
          ...stores,
          mailQueue: { ...stores.mailQueue, [method]: () => Promise.reject(new Error("the process has ended")) },
        }),
      ),
  };
}
