/** A new secret for a delivered token: the one before stays until the new one is proven, wherever it goes. */
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { deliverApiToken, type RotateApiTokenOptions, rotateApiToken } from "@orgtokens/sdk/delivery";
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

/** A bench with a delivered token. */
async function createRotationBench() {
  const it = await createDeliveryBench();
  const { apiToken } = await deliverApiToken({
    client: it.client,
    store: it.store,
    request: { label: "CI", role: "developer" },
  });
  return { ...it, id: apiToken.id, fingerprint: apiToken.fingerprint, secret: (await it.store.read()) ?? "" };
}

function rotate(it: DeliveryBench & { readonly id: string }, overrides: Partial<RotateApiTokenOptions> = {}) {
  return rotateApiToken({ client: it.client, store: it.store, apiTokenId: it.id, ...overrides });
}

const outage = new SecretStoreError("secret_store_unreachable", "file:///x", "no answer");

test("a rotation puts the new secret in the place, and the old one works for the grace period", async () => {
  const it = await createRotationBench();
  const rotated = await rotate(it, { gracePeriodSeconds: 60, expiresInSeconds: 3600 });
  expect(rotated).toMatchObject({
    apiToken: { id: it.id, newFingerprint: null, expiresAt: "2026-11-23T10:00:00.000Z" },
    receipt: { fingerprint: rotated.apiToken.fingerprint },
    warnings: [],
  });
  expect(rotated.apiToken.fingerprint).not.toBe(it.fingerprint);
  expect(await it.stored()).toBe("accepted");
  expect(await authenticate(it.app, it.secret)).toBe("accepted");
  it.app.clock.advance({ seconds: 60 });
  expect(await authenticate(it.app, it.secret)).toBe("authentication_retired");
  expect(await it.stored()).toBe("accepted");
});

test("a rotation tells the store the label and the expiry that the token will have", async () => {
  const it = await createRotationBench();
  await it.client.updateApiToken(it.id, { label: "renamed" });
  expect(await it.store.describe()).toMatchObject({ label: "CI" });
  const { apiToken } = await rotate(it, { expiresInSeconds: 3600, now: it.app.clock.now });
  expect(await it.store.describe()).toMatchObject({ label: "renamed", expiresAt: apiToken.expiresAt });
  await rotate(it);
  expect(await it.store.describe()).toMatchObject({ label: "renamed", expiresAt: apiToken.expiresAt });
});

test.for(["checkWritable", "describe", "write"] as const)(
  "when the store's %s fails, the old secret stays current and in its place, and the next run rotates",
  async (method) => {
    const it = await createRotationBench();
    expect(await rejection(rotate(it, { store: failing(it.store, method, outage) }))).toBe(outage);
    expect((await it.client.getApiToken(it.id)).fingerprint).toBe(it.fingerprint);
    expect(await it.store.read()).toBe(it.secret);
    expect(await it.stored()).toBe("accepted");
    await rotate(it, { gracePeriodSeconds: 0 });
    expect(await it.stored()).toBe("accepted");
    expect(await authenticate(it.app, it.secret)).toBe("authentication_retired");
  },
);

test.for([false, true])(
  "after a write whose answer was lost both secrets work, and the next run rotates (new secret used meanwhile: %s)",
  async (isUsed) => {
    const it = await createRotationBench();
    const store = interrupted(it.store, "after", () => Promise.reject(outage));
    await rejection(rotate(it, { store }));
    expect(await authenticate(it.app, it.secret)).toBe("accepted");
    if (isUsed) expect(await it.stored()).toBe("accepted");
    const { apiToken } = await rotate(it);
    expect(await it.store.describe()).toMatchObject({ apiTokenId: it.id, fingerprint: apiToken.fingerprint });
    expect(await it.stored()).toBe("accepted");
    expect(await authenticate(it.app, it.secret)).toBe("accepted");
  },
);

test("of two rotations at once, the one that stored first is superseded, and the place holds the other's secret", async () => {
  const it = await createRotationBench();
  const store = interrupted(it.store, "after", () => rotate(it));
  expect(await rejection(rotate(it, { store }))).toMatchObject({
    code: "delivery_superseded",
    apiTokenId: it.id,
    message: expect.stringMatching(/repeat this one\. \(secret_superseded, request \S+\)$/),
  });
  const { fingerprint, newFingerprint } = await it.client.getApiToken(it.id);
  expect(newFingerprint).toBeNull();
  expect(await it.store.describe()).toMatchObject({ fingerprint });
  expect(await it.stored()).toBe("accepted");
});

test("a rotation that was overtaken before it stored does not overwrite the secret of the one that finished", async () => {
  const it = await createRotationBench();
  const store = interrupted(it.store, "before", () => rotate(it));
  expect(await rejection(rotate(it, { store }))).toMatchObject({ code: "secret_store_conflict", retryable: true });
  const { fingerprint } = await it.client.getApiToken(it.id);
  expect(await it.store.describe()).toMatchObject({ fingerprint });
  expect(await it.stored()).toBe("accepted");
});

test("a secret that was overwritten by somebody else is put right by a rotation", async () => {
  const it = await createRotationBench();
  await it.overwrite();
  await rotate(it);
  expect(await it.stored()).toBe("accepted");
});

test("a secret moves to another place: the old place is empty and free for another token", async () => {
  const it = await createRotationBench();
  const there = it.openAt("there");
  const rotated = await rotate(it, { store: there, previousStore: it.store });
  expect(rotated).toMatchObject({ apiToken: { destination: there.destination }, warnings: [] });
  expect(await it.stored(there)).toBe("accepted");
  expect(await it.store.describe()).toBeUndefined();
  const request = { label: "Other", role: "developer" } as const;
  await deliverApiToken({ client: it.client, store: it.store, request });
  expect(await it.stored()).toBe("accepted");
});

test("a move into a store that fails leaves token and old place as they were", async () => {
  const it = await createRotationBench();
  const there = failing(it.openAt("there"), "write", outage);
  expect(await rejection(rotate(it, { store: there, previousStore: it.store }))).toBe(outage);
  expect(await it.client.getApiToken(it.id)).toMatchObject({
    destination: it.store.destination,
    fingerprint: it.fingerprint,
  });
  expect(await it.store.read()).toBe(it.secret);
  expect(await it.stored()).toBe("accepted");
});

test("a move to the place of another live token is refused before anything is issued", async () => {
  const it = await createRotationBench();
  const there = it.openAt("there");
  const request = { label: "Other", role: "developer" } as const;
  const other = await deliverApiToken({ client: it.client, store: there, request });
  const error = await rejection(rotate(it, { store: there, previousStore: it.store }));
  expect(error).toMatchObject({ code: "destination_in_use", apiTokenId: other.apiToken.id });
  expect((await it.client.getApiToken(it.id)).newFingerprint).toBeNull();
  expect(await it.stored()).toBe("accepted");
  expect(await it.stored(there)).toBe("accepted");
});

test("an entry at the previous place that is somebody else's by now stays, with a warning", async () => {
  const it = await createRotationBench();
  await it.store.delete(it.id);
  await it.overwrite();
  const rotated = await rotate(it, { store: it.openAt("there"), previousStore: it.store });
  expect(rotated.warnings).toEqual([expect.stringContaining("is not this token's any more")]);
  expect(await it.store.read()).toBe("hunter2");
});

test("a previous place that cannot be reached is a warning: the rotation is done", async () => {
  const it = await createRotationBench();
  const there = it.openAt("there");
  const rotated = await rotate(it, { store: there, previousStore: failing(it.store, "describe", outage) });
  expect(rotated.warnings).toEqual([expect.stringContaining("could not be deleted: no answer")]);
  expect(await it.stored(there)).toBe("accepted");
});

test("a previous place that is the same one under another name keeps the new secret", async () => {
  const it = await createRotationBench();
  await mkdir(join(it.folder, "real"));
  await symlink(join(it.folder, "real"), join(it.folder, "link"));
  const [real, link] = [it.openAt("real/secret"), it.openAt("link/secret")];
  await rotate(it, { store: real, previousStore: it.store });
  await rotate(it, { store: link, previousStore: real });
  expect(await it.stored(link)).toBe("accepted");
  await rotate(it, { store: link, previousStore: link });
  expect(await it.stored(link)).toBe("accepted");
});
