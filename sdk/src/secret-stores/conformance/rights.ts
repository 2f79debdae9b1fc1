import { equal } from "node:assert/strict";
import { expectHolds, expectRefused } from "./expectations.ts";
import { callsOf } from "./store-calls.ts";
import { type CaseContext, type Guarantees, isNotThere, type StoreUnderTest, type Verb } from "./store-under-test.ts";
import { buildName, buildSecret, put } from "./test-secret.ts";

const verbs: readonly Verb[] = ["describe", "write", "delete", "read"];

/** Opens a place without a right; undefined when there is none to lack, of which the runner is told. */
async function openLacking(it: StoreUnderTest, verb: Verb, name: string, context: CaseContext) {
  const open = isNotThere(it.lacking) ? it.lacking : it.lacking[verb];
  if (!isNotThere(open)) return open(name);
  context.skip(open.none);
  return undefined;
}

async function expectNeeded(it: StoreUnderTest, verb: Verb, context: CaseContext): Promise<void> {
  const name = buildName();
  const store = await openLacking(it, verb, name, context);
  if (store === undefined) return;
  const secret = buildSecret();
  await put(it.open(name), secret);
  const next = { ...buildSecret(secret.apiTokenId) };
  const call = callsOf(store, next)[verb];
  if (call === undefined) return context.skip("The store gives no secret back, whatever rights one has.");
  await expectRefused(call, "secret_store_refused");
  await expectHolds(it.open(name), secret, it);
}

/** Wrong rights, where a backend has rights. */
export const rights: Guarantees = {
  ...Object.fromEntries(
    verbs.map((verb) => [
      `refuses to ${verb} without the right to, where the backend has one for it, and changes nothing`,
      (it: StoreUnderTest, context: CaseContext) => expectNeeded(it, verb, context),
    ]),
  ),

  "describes, writes and deletes without the right to read the secret": async (it, context) => {
    const name = buildName();
    const store = await openLacking(it, "read", name, context);
    if (store === undefined) return;
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
