import { expect, test } from "vitest";
import { createTestApp, type TestApp } from "../support/app.ts";
import {
  buildExpiredToken,
  buildOtherOrganization,
  buildRetiredToken,
  buildRevokedToken,
  verify,
} from "../support/builders.ts";
import { readTrail, reopen, trailOf } from "../support/trail.ts";

const dead = { action: "api_token.used_when_dead" };

function alarmMail(app: TestApp): Promise<readonly unknown[]> {
  return Promise.resolve(
    (app.allContents()["mail"] ?? []).filter((row) => JSON.stringify(row).includes('"dead_api_token_used"')),
  );
}

test.for([
  ["revoked", buildRevokedToken, 1],
  ["expired", buildExpiredToken, 1],
  ["retired", buildRetiredToken, 0],
] as const)(
  "a %s token that authenticates or is verified raises one alarm in an hour",
  async ([reason, build, mails]) => {
    const app = await createTestApp();
    const { id, token, label } = await build(app);
    for (let count = 0; count < 3; count += 1) {
      await app.refused("getMe", { token });
      expect(await verify(app, token)).toBe(reason);
    }
    const after = await reopen(app);
    const events = await readTrail(after, dead);
    expect(events).toMatchObject([
      {
        outcome: "refused",
        actor: { type: "api_token", id, label },
        target: { type: "api_token", id, label },
        ip: "127.0.0.1",
        after: { reason },
      },
    ]);
    expect(await alarmMail(after)).toHaveLength(mails);
  },
);

test("the next hour raises the alarm again", async () => {
  const app = await createTestApp();
  const { token } = await buildRevokedToken(app);
  await app.refused("getMe", { token });
  app.clock.advance({ minutes: 60 });
  await app.refused("getMe", { token });
  const after = await reopen(app);
  expect(await readTrail(after, dead)).toHaveLength(2);
  expect(await alarmMail(after)).toHaveLength(2);
});

test("replicas together raise one alarm", async () => {
  const app = await createTestApp();
  const { token } = await buildRevokedToken(app);
  const beside = await createTestApp({ beside: app });
  await Promise.all([app, beside, app, beside].map((each) => each.refused("getMe", { token })));
  await beside.close();
  const after = await reopen(app);
  expect(await readTrail(after, dead)).toHaveLength(1);
  expect(await alarmMail(after)).toHaveLength(1);
});

test("a flood with a dead token costs no transaction after the first use", async () => {
  let transactions = 0;
  const app = await createTestApp({
    wrap: (database) => ({
      ...database,
      transact(work) {
        transactions += 1;
        return database.transact(work);
      },
    }),
  });
  const { token } = await buildRevokedToken(app);
  await app.refused("getMe", { token });
  await trailOf(app, dead, 1);
  const before = transactions;
  for (let count = 0; count < 50; count += 1) await app.refused("getMe", { token });
  await app.close();
  // The last uses of the tokens that were accepted may be one of them.
  expect(transactions - before).toBeLessThanOrEqual(1);
});

test("a dead token is refused while the alarm cannot be written, and the alarm comes when it can", async () => {
  let isDown = false;
  const app = await createTestApp({
    wrap: (database) => ({
      ...database,
      transact: (work) => (isDown ? Promise.reject(new Error("the database is away")) : database.transact(work)),
    }),
  });
  const { token } = await buildRevokedToken(app);
  isDown = true;
  expect((await app.refused("getMe", { token })).code).toBe("authentication_revoked");
  isDown = false;
  expect(await readTrail(await reopen(app), dead)).toHaveLength(1);
});

test("a dead token that another organization verifies is unknown to it, and raises no alarm", async () => {
  const app = await createTestApp();
  const { token } = await buildRevokedToken(app);
  const other = await buildOtherOrganization(app);
  const { reason } = await app.call("verifyApiToken", { token: other.adminToken, body: { token } });
  expect(reason).toBe("unknown");
  expect(await readTrail(await reopen(app), dead)).toEqual([]);
});
