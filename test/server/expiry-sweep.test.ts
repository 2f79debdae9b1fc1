import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createIdGenerator } from "../../server/domain/ids.ts";
import { announceExpiries, scheduleExpirySweep } from "../../server/expiry-sweep.ts";
import { createTestApp, type TestApp } from "../support/app.ts";
import { buildPendingToken, buildToken } from "../support/builders.ts";
import { mailRows } from "../support/mail-queue.ts";

const daySeconds = 86_400;

test("admins are told 30, 7 and 1 days before a token expires, once each", async () => {
  const app = await createTestApp();
  await buildToken(app, { expiresInSeconds: 90 * daySeconds });
  const told: number[] = [];
  for (let day = 0; day < 90; day += 1) {
    const before = announced(app).length;
    await sweep(app);
    await sweep(app);
    if (announced(app).length > before) told.push(90 - day);
    expect(announced(app).length - before).toBeLessThanOrEqual(1);
    app.clock.advance({ days: 1 });
  }
  await sweep(app);
  expect(told).toEqual([30, 7, 1]);
  expect(announced(app).map(({ days }) => days)).toEqual([30, 7, 1]);
  // 540 transactions: the sweeps of 90 days.
}, 60_000);

test("two servers that sweep at the same time tell once", async () => {
  const app = await createTestApp();
  for (let number = 0; number < 60; number += 1) await buildToken(app, { expiresInSeconds: 8 * daySeconds });
  app.clock.advance({ days: 1, seconds: 1 });
  await Promise.all([sweep(app), sweep(app)]);
  expect(announced(app)).toHaveLength(60);
});

test("a stop waits for the sweep that is under way", async () => {
  const app = await createTestApp();
  await buildToken(app, { expiresInSeconds: 8 * daySeconds });
  app.clock.advance({ days: 1, seconds: 1 });
  const { database, clock } = app;
  const errors: unknown[] = [];
  const newId = createIdGenerator(clock, randomBytes);
  await scheduleExpirySweep({ database, clock, newId }, (error) => errors.push(error))();
  expect(errors).toEqual([]);
  expect(announced(app)).toHaveLength(1);
});

test("the turn of another replica is not taken: it tells, and this one does not", async () => {
  const app = await createTestApp();
  const { database, clock } = app;
  await buildToken(app, { expiresInSeconds: 8 * daySeconds });
  app.clock.advance({ days: 1, seconds: 1 });
  await database.exclusively("expiry-notices", async () => {
    await scheduleExpirySweep({ database, clock, newId: createIdGenerator(clock, randomBytes) }, () => undefined)();
    expect(announced(app)).toEqual([]);
  });
});

test("a server that was away tells of what is nearest, and not of what it missed", async () => {
  const app = await createTestApp();
  await buildToken(app, { expiresInSeconds: 90 * daySeconds });
  app.clock.advance({ days: 89, seconds: 1 });
  await sweep(app);
  expect(announced(app).map(({ days }) => days)).toEqual([1]);
});

test("a token that never had more time than that is not told of", async () => {
  const app = await createTestApp();
  await buildToken(app, { expiresInSeconds: 3600 });
  await buildToken(app, { expiresInSeconds: 7 * daySeconds });
  await sweep(app);
  expect(announced(app)).toEqual([]);
});

test("an expiry that was moved is told of again when it comes near", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app, { expiresInSeconds: 40 * daySeconds });
  app.clock.advance({ days: 11 });
  await sweep(app);
  await app.call("updateApiToken", { id, body: { expiresInSeconds: 60 * daySeconds } });
  await sweep(app);
  expect(announced(app)).toHaveLength(1);
  app.clock.advance({ days: 31 });
  await sweep(app);
  expect(announced(app).map(({ days }) => days)).toEqual([30, 30]);
});

test("nobody is told of tokens that are pending, revoked, expired or without expiry", async () => {
  const app = await createTestApp();
  const revoked = await buildToken(app, { expiresInSeconds: 8 * daySeconds });
  await app.call("revokeApiToken", { id: revoked.id });
  await buildToken(app);
  await buildToken(app, { expiresInSeconds: daySeconds });
  app.clock.advance({ days: 2 });
  await buildPendingToken(app, { expiresInSeconds: 2 * daySeconds });
  await sweep(app);
  expect(announced(app)).toEqual([]);
});

function sweep({ database, clock }: TestApp): Promise<void> {
  return announceExpiries({ database, clock, newId: createIdGenerator(clock, randomBytes) });
}

function announced(app: TestApp): readonly { readonly days: number }[] {
  return mailRows(app)
    .filter((row) => row["kind"] === "api_token_expires_soon")
    .map((row) => ({ days: JSON.parse(String(row["facts"])).days }));
}
