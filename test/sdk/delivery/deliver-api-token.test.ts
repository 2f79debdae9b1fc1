/** Creating a token straight into a store: what is left after every failure, and what the next run makes of it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { DeliveryError, type DeliveryStep, deliverApiToken, rotateApiToken } from "@orgtokens/sdk/delivery";
import { SecretStoreError } from "@orgtokens/sdk/secret-stores";
import { expect, test } from "vitest";
import { authenticate } from "../../support/builders.ts";
import {
  createDeliveryBench,
  type DeliveryBench,
  failing,
  interrupted,
  rejection,
} from "../../support/delivery-bench.ts";

const request = { label: "CI", role: "developer", managedBy: "infra/prod" } as const;

function deliver(it: DeliveryBench, overrides: Partial<Parameters<typeof deliverApiToken>[0]> = {}) {
  return deliverApiToken({ client: it.client, store: it.store, request, ...overrides });
}

const outage = new SecretStoreError("secret_store_unreachable", "file:///x", "no answer");

test("a delivered token is live, its secret is in its place and nowhere in what the caller gets", async () => {
  const it = await createDeliveryBench();
  const steps: DeliveryStep[] = [];
  const delivered = await deliver(it, { observe: (step) => steps.push(step) });
  expect(steps.map(({ kind }) => kind)).toEqual(["checked", "issued", "stored", "activated"]);
  expect(delivered).toMatchObject({
    outcome: "created",
    apiToken: { status: "active", destination: it.store.destination, ...request },
    receipt: { fingerprint: delivered.apiToken.fingerprint },
  });
  expect(await it.stored()).toBe("accepted");
  const secret = (await it.store.read()) ?? "";
  expect(inspect([steps, delivered], { depth: 10, showHidden: true })).not.toContain(secret);
});

test("the store is told whose secret it is: the token, its label, organization and expiry", async () => {
  const it = await createDeliveryBench();
  const { apiToken, receipt } = await deliver(it, { request: { ...request, expiresInSeconds: 3600 } });
  const { id: apiTokenId, accountId: organizationId, label, expiresAt } = apiToken;
  const { fingerprint } = receipt;
  expect(await it.store.describe()).toEqual({ apiTokenId, organizationId, label, expiresAt, fingerprint });
  expect(expiresAt).toBe("2026-11-23T10:00:00.000Z");
});

test("the secret in the store cannot authenticate before the activation", async () => {
  const it = await createDeliveryBench();
  const worth: string[] = [];
  const store = interrupted(it.store, "after", async () => worth.push(await it.stored()));
  await deliver(it, { store });
  expect(worth).toEqual(["authentication_pending"]);
  expect(await it.stored()).toBe("accepted");
});

test.for(["checkWritable", "describe"] as const)(
  "a store whose %s fails is told before anything is created",
  async (method) => {
    const it = await createDeliveryBench();
    expect(await rejection(deliver(it, { store: failing(it.store, method, outage) }))).toBe(outage);
    expect(await it.tokens()).toEqual([]);
  },
);

test("a place that holds what nobody of us wrote is refused before anything is created, and left as it is", async () => {
  const it = await createDeliveryBench();
  await it.overwrite();
  expect(await rejection(deliver(it))).toMatchObject({ code: "secret_store_occupied" });
  expect(await it.tokens()).toEqual([]);
  expect(await it.store.read()).toBe("hunter2");
});

test.for(["before", "after"] as const)(
  "a write that fails %s the secret is in its place leaves no live token and no entry, and the next run delivers",
  async (when) => {
    const it = await createDeliveryBench();
    const store = interrupted(it.store, when, () => Promise.reject(outage));
    expect(await rejection(deliver(it, { store }))).toBe(outage);
    expect((await it.tokens()).map(({ status }) => status)).toEqual(["revoked"]);
    expect(await it.store.describe()).toBeUndefined();
    expect((await deliver(it)).outcome).toBe("created");
    expect(await it.stored()).toBe("accepted");
  },
);

test("when cleaning up fails too, the first failure is told, and what is left cannot authenticate and is taken over", async () => {
  const it = await createDeliveryBench();
  const store = interrupted(it.store, "after", () => Promise.reject(outage));
  const client = { ...it.client, revokeApiToken: () => Promise.reject(new Error("no answer either")) };
  expect(await rejection(deliver(it, { client, store }))).toBe(outage);
  const [left] = await it.tokens();
  expect(left?.status).toBe("pending");
  const next = await deliver(it);
  expect(next).toMatchObject({ outcome: "created", apiToken: { id: left?.id, status: "active" } });
  expect(await it.stored()).toBe("accepted");
});

test("a delivery that was never activated is discarded, and the next one takes over its place", async () => {
  const it = await createDeliveryBench();
  const client = { ...it.client, activateApiToken: () => Promise.reject(new Error("no answer")) };
  await rejection(deliver(it, { client }));
  it.app.clock.advance({ minutes: 15 });
  expect(await it.stored()).toBe("authentication_unknown");
  const { apiToken, outcome } = await deliver(it);
  expect(outcome).toBe("created");
  expect(await it.store.describe()).toMatchObject({ apiTokenId: apiToken.id });
  expect(await it.stored()).toBe("accepted");
});

test("the entry of a dead token is replaced", async () => {
  const it = await createDeliveryBench();
  const { apiToken } = await deliver(it);
  await it.client.revokeApiToken(apiToken.id);
  expect((await deliver(it)).apiToken.id).not.toBe(apiToken.id);
  expect(await it.stored()).toBe("accepted");
});

test("the entry of a live token that the server places elsewhere stays, and nothing is left of the new one", async () => {
  const it = await createDeliveryBench();
  const { apiToken } = await deliver(it);
  const kept = await it.store.read();
  await it.client.rotateApiToken(apiToken.id, { destination: "file:///elsewhere" });
  expect(await rejection(deliver(it))).toMatchObject({ code: "secret_store_occupied" });
  expect(await it.store.read()).toBe(kept);
  expect((await it.tokens()).map(({ status }) => status)).toEqual(["revoked", "active"]);
});

test("a token that an earlier run delivered without recording it is adopted: nothing is issued", async () => {
  const it = await createDeliveryBench();
  const first = await deliver(it);
  const secret = await it.store.read();
  const second = await deliver(it);
  expect(second).toMatchObject({ outcome: "adopted", apiToken: { id: first.apiToken.id }, receipt: first.receipt });
  expect(await it.store.read()).toBe(secret);
  expect(await it.tokens()).toHaveLength(1);
});

test("adopting a token whose rotation got as far as the store activates what is there", async () => {
  const it = await createDeliveryBench();
  const first = await deliver(it);
  const client = { ...it.client, activateApiToken: () => Promise.reject(new Error("no answer")) };
  await rejection(rotateApiToken({ client, store: it.store, apiTokenId: first.apiToken.id }));
  const second = await deliver(it);
  expect(second).toMatchObject({ outcome: "adopted", apiToken: { id: first.apiToken.id, newFingerprint: null } });
  expect(second.apiToken.fingerprint).not.toBe(first.apiToken.fingerprint);
  expect(second.receipt.fingerprint).toBe(second.apiToken.fingerprint);
  expect(await it.stored()).toBe("accepted");
});

test.for([
  ["no managedBy", { label: "CI", role: "developer" }],
  ["another managedBy", { ...request, managedBy: "infra/test" }],
  ["another label", { ...request, label: "Other" }],
  ["another role", { ...request, role: "admin" }],
] as const)("a live token is not adopted by a request with %s: it is told how to import it", async ([, other]) => {
  const it = await createDeliveryBench();
  const { apiToken } = await deliver(it);
  const error = await rejection(deliver(it, { request: other }));
  expect(error).toBeInstanceOf(DeliveryError);
  expect(error).toMatchObject({ code: "destination_in_use", apiTokenId: apiToken.id });
  expect(String(error)).toContain(`the active developer token "CI" (${apiToken.id}), which "infra/prod" manages`);
  expect(String(error)).toMatch(/import it by this id/);
  expect(await it.tokens()).toEqual([await it.client.getApiToken(apiToken.id)]);
  expect(await it.stored()).toBe("accepted");
});

test("a live token whose secret is not in its place any more is not adopted", async () => {
  const it = await createDeliveryBench();
  const { apiToken } = await deliver(it);
  await it.store.delete(apiToken.id);
  expect(await rejection(deliver(it))).toMatchObject({ code: "destination_in_use", apiTokenId: apiToken.id });
  expect((await it.client.getApiToken(apiToken.id)).status).toBe("active");
});

test("the secret of another server's token stays where it is, although that token is unknown here", async () => {
  const [theirs, ours] = [await createDeliveryBench(), await createDeliveryBench()];
  const { apiToken } = await deliver(theirs);
  const error = await rejection(deliver(ours, { store: theirs.store }));
  expect(error).toMatchObject({ code: "secret_store_occupied" });
  expect(String(error)).toContain(`the token ${apiToken.id} of the organization ${apiToken.accountId}`);
  expect(await theirs.stored()).toBe("accepted");
  expect((await ours.tokens()).filter(({ status }) => status === "active")).toEqual([]);
});

test("an entry of the first release, which names no organization, gives way when its token is dead", async () => {
  const it = await createDeliveryBench();
  const { apiToken } = await deliver(it);
  const { id: apiTokenId, fingerprint } = apiToken;
  await writeFile(join(it.folder, "secret.orgtokens.json"), JSON.stringify({ apiTokenId, fingerprint }));
  await it.client.revokeApiToken(apiTokenId);
  expect((await deliver(it)).outcome).toBe("created");
  expect(await it.stored()).toBe("accepted");
});

test("what the server advises against is told: another live token has the label", async () => {
  const it = await createDeliveryBench();
  expect((await deliver(it)).warnings).toEqual([]);
  const { warnings } = await deliver(it, { store: it.openAt("other") });
  expect(warnings).toMatchObject([{ code: "label_in_use", message: expect.stringContaining("this label") }]);
});

test("of two deliveries at once, the one whose secret was replaced is superseded, and the other's works", async () => {
  const it = await createDeliveryBench();
  const store = interrupted(it.store, "after", () => deliver(it));
  expect(await rejection(deliver(it, { store }))).toMatchObject({ code: "delivery_superseded" });
  expect((await it.tokens()).map(({ status }) => status)).toEqual(["active"]);
  expect(await it.stored()).toBe("accepted");
});

test("a delivery that was overtaken before it stored takes nothing away from the one that finished", async () => {
  const it = await createDeliveryBench();
  const store = interrupted(it.store, "before", () => deliver(it));
  expect(await rejection(deliver(it, { store }))).toMatchObject({ code: "secret_store_conflict", retryable: true });
  expect((await it.tokens()).map(({ status }) => status)).toEqual(["active"]);
  expect(await it.stored()).toBe("accepted");
});

test("a delivery whose store fails after another one has finished leaves that one's token alone", async () => {
  const it = await createDeliveryBench();
  const store = interrupted(it.store, "before", async () => {
    await deliver(it);
    throw outage;
  });
  expect(await rejection(deliver(it, { store }))).toBe(outage);
  expect((await it.tokens()).map(({ status }) => status)).toEqual(["active"]);
  expect(await it.stored()).toBe("accepted");
});

test("of many deliveries at once, at most one says it created, and the next run ends with one live token and its secret", async () => {
  const it = await createDeliveryBench();
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => deliver(it)));
  const created = outcomes.flatMap((outcome) =>
    outcome.status === "fulfilled" && outcome.value.outcome === "created" ? [outcome.value] : [],
  );
  expect(created.length).toBeLessThanOrEqual(1);
  if (created.length === 1) expect(await it.stored()).toBe("accepted");
  await deliver(it);
  expect(await it.stored()).toBe("accepted");
  expect((await it.tokens()).filter(({ status }) => status === "active")).toHaveLength(1);
});

test("whoever gives up before it begins gets its own reason, and nothing is created", async () => {
  const it = await createDeliveryBench();
  const reason = new Error("changed my mind");
  expect(await rejection(deliver(it, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(await it.tokens()).toEqual([]);
});

test("whoever gives up while the secret is written gets its own reason, and nothing usable is left", async () => {
  const it = await createDeliveryBench();
  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const store = interrupted(it.store, "before", async () => controller.abort(reason));
  expect(await rejection(deliver(it, { store, signal: controller.signal }))).toBe(reason);
  expect((await it.tokens()).map(({ status }) => status)).toEqual(["revoked"]);
  expect(await it.store.describe()).toBeUndefined();
});

test("whoever gives up before the activation leaves a secret that cannot authenticate, and the next run delivers", async () => {
  const it = await createDeliveryBench();
  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const observe = (step: DeliveryStep) => step.kind === "stored" && controller.abort(reason);
  expect(await rejection(deliver(it, { observe, signal: controller.signal }))).toBe(reason);
  expect(await authenticate(it.app, (await it.store.read()) ?? "")).toBe("authentication_pending");
  expect((await deliver(it)).outcome).toBe("created");
  expect(await it.stored()).toBe("accepted");
});
