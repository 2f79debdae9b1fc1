import { expect, test } from "vitest";
import { createTestApp, type TestApp } from "../../support/app.ts";
import { buildOtherOrganization, buildPendingToken, buildToken } from "../../support/builders.ts";

async function positionNow(app: TestApp): Promise<number> {
  return (await app.call("listApiTokenChanges")).position;
}

const changesAfter = (app: TestApp, after: number, waitSeconds = 0) =>
  app.call("listApiTokenChanges", { query: { after, waitSeconds } });

test("every change that makes a token worth less, or something else, names it; a developer token may ask", async () => {
  const app = await createTestApp();
  const watcher = await buildToken(app);
  const { id } = await buildToken(app);
  const acts: readonly (() => Promise<unknown>)[] = [
    () => app.call("updateApiToken", { id, body: { label: "Renamed" } }),
    () => app.call("updateApiToken", { id, body: { allowedNetworks: ["192.0.2.0/24"] } }),
    () => app.call("rotateApiToken", { id, body: { gracePeriodSeconds: 0 } }),
    () => app.call("revokeApiToken", { id }),
  ];
  for (const act of acts) {
    const after = await positionNow(app);
    await act();
    const changes = await app.call("listApiTokenChanges", { token: watcher.token, query: { after } });
    expect(changes).toMatchObject({ apiTokenIds: [id], isComplete: true });
    expect(await changesAfter(app, changes.position)).toEqual({ ...changes, apiTokenIds: [] });
  }
});

test("the first use of a rotation's new secret names the token, because the old secret dies by it", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  const { token } = await app.call("rotateApiToken", { id, body: { activation: "deferred" } });
  const after = await positionNow(app);
  await app.call("verifyApiToken", { body: { token } });
  expect((await changesAfter(app, after)).apiTokenIds).toEqual([id]);
});

test("a token that changes often is named once, and a new one not at all", async () => {
  const app = await createTestApp();
  const after = await positionNow(app);
  const { id } = await buildToken(app);
  for (const label of ["One", "Two", "Three"]) await app.call("updateApiToken", { id, body: { label } });
  await buildPendingToken(app);
  expect((await changesAfter(app, after)).apiTokenIds).toEqual([id]);
});

test("who waits is answered when something happens, also when another replica did it", async () => {
  const app = await createTestApp();
  const replica = await createTestApp({ beside: app });
  const { id } = await buildToken(app);
  const after = await positionNow(app);
  const waiting = changesAfter(app, after, 20);
  await replica.call("revokeApiToken", { id });
  expect(await waiting).toEqual({ position: after + 1, apiTokenIds: [id], isComplete: true });
});

test("who waits in vain is answered when the time is up, with the same position", async () => {
  const app = await createTestApp();
  const after = await positionNow(app);
  expect(await changesAfter(app, after, 1)).toEqual({ position: after, apiTokenIds: [], isComplete: true });
});

test("when the server stops, who waits is answered at once", async () => {
  const app = await createTestApp();
  const waiting = changesAfter(app, await positionNow(app), 20);
  // Answered within the limit of this test, which is shorter than the wait.
  await app.call("getLiveness", { token: null });
  await app.close();
  expect((await waiting).apiTokenIds).toEqual([]);
});

test("changes of another organization neither wake nor show", async () => {
  const app = await createTestApp();
  const other = await buildOtherOrganization(app);
  const after = await positionNow(app);
  const waiting = changesAfter(app, after, 1);
  const { id } = await app.call("createApiToken", { token: other.adminToken, body: { label: "X", role: "developer" } });
  await app.call("revokeApiToken", { token: other.adminToken, id });
  expect(await waiting).toEqual({ position: after, apiTokenIds: [], isComplete: true });
});

test("a position of another history, and one too long ago, are told to forget everything", async () => {
  const app = await createTestApp();
  const now = await positionNow(app);
  expect(await changesAfter(app, now + 1000, 20)).toEqual({ position: now, apiTokenIds: [], isComplete: false });
  const { id } = await buildToken(app);
  for (let index = 0; index < 501; index += 1) {
    await app.call("updateApiToken", { id, body: { label: `Label ${index}` } });
  }
  expect(await changesAfter(app, now)).toEqual({ position: now + 502, apiTokenIds: [], isComplete: false });
});

test("while the database is gone, who waits is told 503", async () => {
  const app = await createTestApp();
  const waiting = app.refused("listApiTokenChanges", { query: { after: await positionNow(app), waitSeconds: 20 } });
  await app.call("getLiveness", { token: null });
  await app.database.close();
  expect((await waiting).code).toBe("service_unavailable");
});
