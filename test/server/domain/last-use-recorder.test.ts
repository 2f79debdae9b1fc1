import { expect, test } from "vitest";
import { LastUseRecorder } from "../../../server/domain/last-use-recorder.ts";
import type { Database, LastUse } from "../../../server/domain/stores.ts";
import { digestToken } from "../../../server/domain/token-text.ts";
import { createTestApp } from "../../support/app.ts";
import { authenticate, buildToken } from "../../support/builders.ts";
import { eventually } from "../../support/clock.ts";

test("a later use is stored within a second or so, without anybody asking", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  await authenticate(app, token);
  app.clock.advance({ seconds: 5 });
  const before = performance.now();
  await authenticate(app, token);
  await eventually(async () => {
    const { lastUsed } = await app.call("getApiToken", { id });
    return lastUsed === "2026-11-23T09:00:05.000Z" ? true : undefined;
  }, 3000);
  expect(performance.now() - before).toBeLessThan(2000);
});

test("an older use never overwrites a newer one", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  app.clock.advance({ minutes: 1 });
  await authenticate(app, token);
  app.clock.advance({ minutes: -1 });
  const replica = await createTestApp({ beside: app });
  await authenticate(replica, token);
  await replica.close();
  expect((await app.call("getApiToken", { id })).lastUsed).toBe("2026-11-23T09:01:00.000Z");
});

test("what is not written yet is written when the application closes", async () => {
  const app = await createTestApp();
  const replica = await createTestApp({ beside: app });
  const { id, token } = await buildToken(app);
  await authenticate(replica, token);
  app.clock.advance({ seconds: 5 });
  await authenticate(replica, token);
  await replica.close();
  expect((await app.call("getApiToken", { id })).lastUsed).toBe("2026-11-23T09:00:05.000Z");
});

test("a use whose write failed is kept, and the caller was served all the same", async () => {
  let fails = true;
  const app = await createTestApp({ wrap: (database) => failLastUses(database, () => fails) });
  const { id, token } = await buildToken(app);
  expect(await authenticate(app, token)).toBe("accepted");
  expect((await app.call("getApiToken", { id })).lastUsed).toBeNull();
  fails = false;
  await eventually(async () => (await app.call("getApiToken", { id })).lastUsed ?? undefined, 4000);
  expect(app.log()).toContain("last uses could not be written");
});

test("uses at once are written together, the newest of each token, and none is lost while a write is under way", async () => {
  const app = await createTestApp();
  const { token: text } = await buildToken(app);
  const [presented] = await app.database.stores.secrets.findPresented([digestToken(text).sha256]);
  if (presented === undefined) throw new Error("the token must be found");
  const writes: (readonly LastUse[])[] = [];
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const recorder = new LastUseRecorder({
    async write(uses) {
      writes.push(uses);
      if (writes.length === 1) await gate;
    },
    onError: () => undefined,
  });
  const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
  const recorded = [1, 3, 2].map((second) => recorder.record(presented.token, at(second), null));
  release();
  await Promise.all(recorded);
  await recorder.close();
  expect(
    writes
      .flat()
      .map(({ usedAt }) => usedAt.getUTCSeconds())
      .at(-1),
  ).toBe(3);
  expect(writes.length).toBeLessThanOrEqual(2);
});

/** A database that cannot note uses, while `fails` says so. */
function failLastUses(database: Database, fails: () => boolean): Database {
  return {
    ...database,
    transact: (work) =>
      database.transact((stores) => {
        const updateLastUses: typeof stores.apiTokens.updateLastUses = async (uses) => {
          if (fails()) throw new Error("database or disk is full");
          await stores.apiTokens.updateLastUses(uses);
        };
        return work({ ...stores, apiTokens: { ...stores.apiTokens, updateLastUses } });
      }),
  };
}
