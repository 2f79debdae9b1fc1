import { expect, test } from "vitest";
import type { ApiTokenId } from "../../server/domain/ids.ts";
import { parseId } from "../../server/domain/ids.ts";
import { schedulePurge } from "../../server/purge.ts";
import { createTestApp, type TestApp } from "../support/app.ts";
import { buildPendingToken, buildToken } from "../support/builders.ts";
import { eventually } from "../support/clock.ts";

/** Which of the tokens are still stored. */
async function keptOf(app: TestApp, ids: readonly string[]): Promise<readonly string[]> {
  const stored = JSON.stringify([
    app.contents()["api_tokens"],
    app.contents()["api_token_secrets"],
    app.contents()["destinations"],
  ]);
  return ids.filter((id) => stored.includes(parseId<ApiTokenId>(id)));
}

async function purge(app: TestApp): Promise<void> {
  const errors: unknown[] = [];
  const stop = schedulePurge(app.database, app.clock, (error) => errors.push(error));
  await stop();
  expect(errors).toEqual([]);
}

test("dead tokens can be looked up for 90 days and are purged then, discarded ones at once, with secrets and claims", async () => {
  const app = await createTestApp();
  const revoked = await buildToken(app, { destination: "vault://kv/revoked" });
  await app.call("revokeApiToken", { id: revoked.id });
  const expired = await buildToken(app, { destination: "vault://kv/expired", expiresInSeconds: 1 });
  const discarded = await buildPendingToken(app, { destination: "vault://kv/discarded" });
  const pending = await buildPendingToken(app, { destination: "vault://kv/pending" });
  const active = await buildToken(app, { destination: "vault://kv/active" });
  app.clock.advance({ minutes: 14 });
  await app.call("activateApiToken", { id: pending.id, body: { fingerprint: pending.fingerprint } });
  const ids = [revoked, expired, discarded, pending, active].map(({ id }) => id);
  await purge(app);
  expect(await keptOf(app, ids)).toEqual(ids);
  app.clock.advance({ minutes: 1 });
  await purge(app);
  expect(await keptOf(app, ids)).toEqual([revoked.id, expired.id, pending.id, active.id]);
  app.clock.advance({ days: 90, minutes: -16 });
  await purge(app);
  expect((await app.call("getApiToken", { id: revoked.id })).status).toBe("revoked");
  expect((await app.call("getApiToken", { id: expired.id })).status).toBe("expired");
  app.clock.advance({ minutes: 2 });
  await purge(app);
  expect(await keptOf(app, ids)).toEqual([pending.id, active.id]);
  expect((await app.refused("getApiToken", { id: revoked.id })).code).toBe("api_token_not_found");
});

test("a purge that fails is told, and does not stop the server", async () => {
  const app = await createTestApp();
  await app.database.close();
  const errors: unknown[] = [];
  const stop = schedulePurge(app.database, app.clock, (error) => errors.push(error));
  await eventually(() => errors[0]);
  await stop();
});
