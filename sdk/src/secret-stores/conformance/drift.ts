import { deepEqual, equal, ok } from "node:assert/strict";
import { expectHolds } from "./expectations.ts";
import { type CaseContext, type Guarantees, isNotThere, type StoreUnderTest } from "./store-under-test.ts";
import { buildName, buildSecret, put } from "./test-secret.ts";

/** What somebody else or a crash did is seen, and repaired by the next write. */
export const drift: Guarantees = {
  "notices that somebody else overwrote or deleted the secret: the fingerprint is gone, the token's id is not": async (
    it,
  ) => {
    for (const act of ["foreignWrite", "foreignDelete"] as const) {
      const name = buildName();
      const store = it.open(name);
      const secret = buildSecret();
      await put(store, secret);
      await it[act](name, "overwritten");
      deepEqual(await store.describe(), { apiTokenId: secret.apiTokenId }, act);
      await store.checkWritable();
      const next = buildSecret(secret.apiTokenId);
      await put(store, next);
      await expectHolds(store, next, it);
    }
  },

  "shows a write that was cut short as drift, and repairs it by the next write": async (it, context) => {
    for (const [how, cutShort] of cutsOf(it, context)) {
      for (const isFirst of [true, false]) {
        const name = buildName();
        const store = it.open(name);
        const before = buildSecret();
        if (!isFirst) await put(store, before);
        const secret = isFirst ? buildSecret() : buildSecret(before.apiTokenId);
        await cutShort(name, secret);
        const entry = await store.describe();
        const isUntouched = !isFirst && entry?.fingerprint === before.fingerprint;
        // A store that keeps secret and metadata together may have got both before the crash.
        const isWhole = entry?.fingerprint === secret.fingerprint;
        if (isUntouched || isWhole) await expectHolds(store, isWhole ? secret : before, it);
        else deepEqual(entry, { apiTokenId: secret.apiTokenId }, `${how}, first: ${isFirst}`);
        const next = buildSecret(secret.apiTokenId);
        await put(store, next);
        await expectHolds(store, next, it);
      }
    }
  },

  "deletes what a write that was cut short left behind": async (it, context) => {
    for (const [how, cutShort] of cutsOf(it, context)) {
      const name = buildName();
      const store = it.open(name);
      const secret = buildSecret();
      await cutShort(name, secret);
      equal(await store.delete(secret.apiTokenId), "deleted", how);
      equal(await store.describe(), undefined, how);
      await store.checkWritable();
    }
  },
};

/** The ways a write can be cut short; none when the case is skipped. */
function cutsOf({ cutShort }: StoreUnderTest, context: CaseContext) {
  if (isNotThere(cutShort)) {
    context.skip(cutShort.none);
    return [];
  }
  const cuts = Object.entries(cutShort);
  ok(cuts.length > 0, '`cutShort` names no way. Say why there is none: { none: "..." }.');
  return cuts;
}
