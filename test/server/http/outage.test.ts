import { expect, test } from "vitest";
import type { Database, Stores } from "../../../server/domain/stores.ts";
import { createTestApp } from "../../support/app.ts";
import { buildToken } from "../../support/builders.ts";
import { outageCalls } from "../../support/outage-calls.ts";

test("with the database gone every operation answers 503, and none calls a token unknown or inactive", async () => {
  const app = await createTestApp();
  await app.database.close();
  for (const [operationId, call] of outageCalls()) {
    const problem = await app.refused(operationId, call);
    expect(problem, operationId).toMatchObject({ code: "service_unavailable", status: 503 });
    expect(problem.detail).toBe("Try again shortly. If it persists, give the requestId to the operator.");
  }
  expect(await app.call("getLiveness", { token: null })).toEqual({ status: "ok" });
});

test("a verification that the database cannot answer is 503, also when the caller could be authenticated", async () => {
  let calls = 0;
  const app = await createTestApp({ wrap: (database) => failLookups(database, () => ++calls > 1) });
  const problem = await app.refused("verifyApiToken", { body: { token: app.adminToken } });
  expect(problem.code).toBe("service_unavailable");
});

test("a change that cannot be written is 503 and leaves nothing behind", async () => {
  let isFull = false;
  const app = await createTestApp({ wrap: (database) => failSecretWrites(database, () => isFull) });
  const { id, fingerprint } = await buildToken(app);
  const before = app.contents();
  isFull = true;
  expect((await app.refused("createApiToken", { body: { label: "CI", role: "developer" } })).code).toBe(
    "service_unavailable",
  );
  expect((await app.refused("rotateApiToken", { id, body: {} })).code).toBe("service_unavailable");
  expect(app.contents()).toEqual(before);
  isFull = false;
  expect((await app.call("getApiToken", { id })).fingerprint).toBe(fingerprint);
});

test("a failure of ours is logged with its cause under the request id that the caller got", async () => {
  const app = await createTestApp({ wrap: (database) => failLookups(database, () => true) });
  const { requestId, detail } = await app.refused("getMe");
  expect(detail).not.toContain("disk");
  const line = app
    .log()
    .split("\n")
    .find((text) => text.includes("request failed"));
  expect(line).toContain(requestId);
  expect(line).toContain("disk I/O error");
});

/** A database whose lookups fail as a disk does, while `fails` says so. */
function failLookups(database: Database, fails: () => boolean): Database {
  const { secrets } = database.stores;
  const findPresented: typeof secrets.findPresented = async (sha256s) => {
    if (fails()) throw new Error("disk I/O error");
    return secrets.findPresented(sha256s);
  };
  return { ...database, stores: { ...database.stores, secrets: { ...secrets, findPresented } } };
}

/** A database that cannot write secrets, while `fails` says so: what was written before them must be rolled back. */
function failSecretWrites(database: Database, fails: () => boolean): Database {
  const failing = (stores: Stores): Stores => ({
    ...stores,
    secrets: {
      ...stores.secrets,
      async insertSecret(secret) {
        if (fails()) throw new Error("database or disk is full");
        await stores.secrets.insertSecret(secret);
      },
    },
  });
  return { ...database, transact: (work) => database.transact((stores) => work(failing(stores))) };
}
