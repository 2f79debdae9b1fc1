import { expect, test } from "vitest";
import { buildToken } from "../../support/builders.ts";
import { createCollector, createTestWorker, readHeader } from "../../support/mail.ts";
import { enqueue, failing, mailRows, prepareMail, signInLink, statuses } from "../../support/mail-queue.ts";
import { startSmtpServer } from "../../support/smtp-server.ts";

test("attempts are further and further apart, and end after 20 or 3 days", async () => {
  const { app } = await prepareMail();
  await enqueue(app, 1);
  const transport = failing("deferred");
  const { worker, outcomes } = createTestWorker(app, transport);
  const delays: number[] = [];
  for (let round = 0; round < 30; round += 1) {
    await worker.deliverDue();
    const last = outcomes.at(-1);
    if (last?.type !== "retry" || outcomes.length !== delays.length + 1) break;
    const delayMs = last.dueAt.getTime() - app.clock.now().getTime();
    delays.push(delayMs / 1000);
    app.clock.advance({ milliseconds: delayMs - 1 });
    expect(await worker.deliverDue()).toBe(0);
    app.clock.advance({ milliseconds: 1 });
  }
  expect(delays.slice(0, 7)).toEqual([30, 120, 480, 1920, 7680, 21_600, 21_600]);
  expect(delays.length).toBeLessThan(20);
  expect(statuses(app)).toEqual({ failed: 1 });
  expect(mailRows(app)[0]?.["last_error"]).toBe("Not now.");
});

test("a mail server that is away gets no other mail in that round, and all of it later", async () => {
  const { app } = await prepareMail();
  await enqueue(app, 12, (number) => ({ recipient: `p${number}@test.example` }));
  const away = createTestWorker(app, failing("unavailable"));
  expect(await away.worker.deliverDue()).toBe(4);
  app.clock.advance({ minutes: 1 });
  const collector = createCollector();
  await createTestWorker(app, collector).worker.deliverDue();
  expect(collector.sent).toHaveLength(12);
});

test("more than 5 waiting notices to one recipient become one mail, and each tells what became of it", async () => {
  const { app } = await prepareMail();
  const server = await startSmtpServer();
  const tokens = [];
  for (let number = 0; number < 7; number += 1) tokens.push(await buildToken(app, { label: `Token ${number}` }));
  const before = await app.call("listApiTokenMail", { id: String(tokens[0]?.id) });
  expect(before.mail).toMatchObject([{ status: "queued", attempts: 0, finished: null }]);
  await createTestWorker(app, server).worker.deliverDue();
  expect(server.mails).toHaveLength(1);
  const raw = server.mails[0]?.raw ?? "";
  expect(readHeader(raw, "Subject")).toBe("[Test Ltd] 7 notices about API tokens");
  for (const { id, label } of tokens) {
    expect(raw).toContain(label);
    const { mail } = await app.call("listApiTokenMail", { id });
    expect(mail).toMatchObject([{ kind: "api_token_generated", status: "digested", attempts: 1, lastError: null }]);
  }
});

test("5 waiting notices are 5 mails", async () => {
  const { app } = await prepareMail();
  const collector = createCollector();
  await enqueue(app, 5);
  await createTestWorker(app, collector).worker.deliverDue();
  expect(collector.sent).toHaveLength(5);
});

test("a digest whose delivery fails is tried again as the same mail", async () => {
  const { app } = await prepareMail();
  await enqueue(app, 8);
  await createTestWorker(app, failing("deferred")).worker.deliverDue();
  app.clock.advance({ minutes: 1 });
  const collector = createCollector();
  await createTestWorker(app, collector).worker.deliverDue();
  expect(collector.sent.map(({ subject }) => subject)).toEqual(["[Test Ltd] 8 notices about API tokens"]);
});

test("nobody gets more than 10 notices within 10 minutes, and none is lost", async () => {
  const { app } = await prepareMail();
  const collector = createCollector();
  const { worker } = createTestWorker(app, collector);
  for (let number = 0; number < 30; number += 1) {
    await enqueue(app, 1);
    await worker.deliverDue();
    app.clock.advance({ seconds: 1 });
  }
  expect(collector.sent).toHaveLength(10);
  app.clock.advance({ minutes: 10 });
  await worker.deliverDue();
  expect(collector.sent.map(({ subject }) => subject).at(-1)).toBe("[Test Ltd] 20 notices about API tokens");
  expect(statuses(app)).toEqual({ sent: 11, digested: 20 });
});

test("a flood of notices does not keep a sign-in link waiting, and links are limited, too", async () => {
  const { app } = await prepareMail();
  const collector = createCollector();
  const { worker } = createTestWorker(app, collector);
  for (let number = 0; number < 12; number += 1) {
    await enqueue(app, 1);
    await worker.deliverDue();
  }
  await enqueue(app, 12, () => signInLink(app));
  for (let round = 0; round < 4; round += 1) await worker.deliverDue();
  const links = collector.sent.filter(({ subject }) => subject === "[Test Ltd] Sign in");
  expect(links.length).toBeGreaterThan(0);
  expect(links.length).toBeLessThanOrEqual(12);
  await enqueue(app, 1, () => signInLink(app));
  await worker.deliverDue();
  expect(collector.sent.filter(({ subject }) => subject === "[Test Ltd] Sign in")).toHaveLength(links.length);
});
