import { deepEqual, equal, notEqual } from "node:assert/strict";
import { expectHolds, expectRefused, heldBy } from "./expectations.ts";
import type { Guarantees } from "./store-under-test.ts";
import { buildName, buildSecret, put } from "./test-secret.ts";

/** What is written is there, until it is deleted. */
export const entries: Guarantees = {
  "gives back what was written, and says whose it is without giving it back": async (it) => {
    const store = it.open(buildName());
    const secret = buildSecret();
    const receipt = await put(store, secret);
    await expectHolds(store, secret, it);
    const { apiTokenId, fingerprint } = secret;
    const version = receipt.version === undefined ? {} : { version: receipt.version };
    deepEqual(await store.describe(), { apiTokenId, fingerprint, ...version });
    equal(receipt.fingerprint, fingerprint);
  },

  "replaces the secret of the same token, with another version where there are versions": async (it) => {
    const store = it.open(buildName());
    const first = buildSecret();
    const later = buildSecret(first.apiTokenId);
    const before = await put(store, first);
    const after = await put(store, later);
    await expectHolds(store, later, it);
    if (before.version !== undefined) notEqual(after.version, before.version);
  },

  "gives a secret back, or says that it never does": async (it) => {
    const store = it.open(buildName());
    const secret = buildSecret();
    await put(store, secret);
    if (store.isReadable) equal(await store.read(), secret.text);
    else await expectRefused(() => store.read(), "secret_store_unreadable");
  },

  "knows nothing of a place where nothing is": async (it) => {
    const store = it.open(buildName());
    equal(await store.describe(), undefined);
    equal(await heldBy(store, it), undefined);
    equal(await store.delete(buildSecret().apiTokenId), "absent");
  },

  "deletes an entry with its metadata, and again without complaint": async (it) => {
    const store = it.open(buildName());
    const secret = buildSecret();
    await put(store, secret);
    equal(await store.delete(secret.apiTokenId), "deleted");
    equal(await store.delete(secret.apiTokenId), "absent");
    equal(await store.describe(), undefined);
    equal(await heldBy(store, it), undefined);
    const next = buildSecret();
    await put(store, next);
    await expectHolds(store, next, it);
  },

  "finds out whether a place can be written without leaving anything there": async (it) => {
    const store = it.open(buildName());
    await store.checkWritable();
    equal(await store.describe(), undefined);
    const secret = buildSecret();
    await put(store, secret);
    await store.checkWritable();
    await expectHolds(store, secret, it);
  },
};
