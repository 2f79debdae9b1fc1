import { deepEqual, equal, ok } from "node:assert/strict";
import { expectHolds, expectMembers, expectRefused, heldBy, refusal } from "./expectations.ts";
import type { Guarantees } from "./store-under-test.ts";
import { buildName, buildSecret, put } from "./test-secret.ts";

/** What is not the writer's stays. */
export const owners: Guarantees = {
  "refuses to overwrite or delete the secret of another token, and leaves it": async (it) => {
    const store = it.open(buildName());
    const [theirs, ours] = [buildSecret(), buildSecret()];
    await put(store, theirs);
    const error = await refusal(() => put(store, ours));
    const { destination } = store;
    expectMembers(error, { code: "secret_store_occupied", retryable: false, destination });
    ok(error.message.includes(theirs.apiTokenId));
    equal(await store.delete(ours.apiTokenId), "not_ours");
    await expectHolds(store, theirs, it);
  },

  "replaces the secret of another token when the caller knows that one to be dead": async (it) => {
    const store = it.open(buildName());
    const [dead, ours] = [buildSecret(), buildSecret()];
    await put(store, dead);
    await put(store, ours, { replacing: dead.apiTokenId });
    await expectHolds(store, ours, it);
    equal(await store.delete(dead.apiTokenId), "not_ours");
  },

  "refuses to overwrite or delete what it did not write, before and while writing": async (it) => {
    const name = buildName();
    const store = it.open(name);
    await it.foreignWrite(name, "somebody else's");
    deepEqual(await store.describe(), {});
    const ours = buildSecret();
    await expectRefused(() => store.checkWritable(), "secret_store_occupied");
    await expectRefused(() => put(store, ours), "secret_store_occupied");
    await expectRefused(() => put(store, ours, { replacing: "" }), "secret_store_occupied");
    equal(await store.delete(ours.apiTokenId), "not_ours");
    equal(await heldBy(store, it), "somebody else's");
  },

  "writes only over what the caller expects, and changes nothing otherwise": async (it) => {
    const store = it.open(buildName());
    const first = buildSecret();
    const second = buildSecret(first.apiTokenId);
    await put(store, first, { expecting: "absent" });
    const seen = await store.describe();
    await put(store, second, { expecting: seen });
    for (const expecting of [seen, "absent" as const]) {
      const error = await refusal(() => put(store, buildSecret(first.apiTokenId), { expecting }));
      expectMembers(error, { code: "secret_store_conflict", retryable: true });
    }
    await expectHolds(store, second, it);
  },
};
