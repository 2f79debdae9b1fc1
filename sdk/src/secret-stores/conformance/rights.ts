import { equal } from "node:assert/strict";
import { expectHolds, expectRefused } from "./expectations.ts";
import { callsOf } from "./store-calls.ts";
import type { Guarantees, StoreUnderTest, Verb } from "./store-under-test.ts";
import { buildName, buildSecret, put } from "./test-secret.ts";

const verbs: readonly Verb[] = ["describe", "write", "delete", "read"];

async function expectNeeded(it: StoreUnderTest, verb: Verb): Promise<void> {
  const name = buildName();
  const store = await it.lacking?.[verb]?.(name);
  if (store === undefined) return; // declared: the backend has no right of its own for it
  const secret = buildSecret();
  await put(it.open(name), secret);
  const next = { ...buildSecret(secret.apiTokenId) };
  const call = callsOf(store, next)[verb];
  if (call !== undefined) await expectRefused(call, "secret_store_refused");
  await expectHolds(it.open(name), secret, it);
}

/** Wrong rights, where a backend has rights. */
export const rights: Guarantees = {
  ...Object.fromEntries(
    verbs.map((verb) => [
      `refuses to ${verb} without the right to, where the backend has one for it, and changes nothing`,
      (it: StoreUnderTest) => expectNeeded(it, verb),
    ]),
  ),

  "describes, writes and deletes without the right to read the secret": async (it) => {
    const name = buildName();
    const store = await it.lacking?.read?.(name);
    if (store === undefined) return; // declared: what can be written can be read
    const secret = buildSecret();
    await store.checkWritable();
    await put(store, secret);
    await expectHolds(it.open(name), secret, it);
    const { apiTokenId, fingerprint } = secret;
    equal((await store.describe())?.fingerprint, fingerprint);
    const next = buildSecret(apiTokenId);
    await put(store, next);
    await expectHolds(it.open(name), next, it);
    equal(await store.delete(apiTokenId), "deleted");
  },
};
