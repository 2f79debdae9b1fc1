import { deepEqual, equal, ok } from "node:assert/strict";
import { fingerprintOf } from "../entry-metadata.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import { expectHolds, heldBy } from "./expectations.ts";
import type { Guarantees, StoreUnderTest } from "./store-under-test.ts";
import { buildName, buildSecret, put, type TestSecret } from "./test-secret.ts";

const rounds = 10;

/** Writers at once. Each has a handle of its own, as processes have. */
export const concurrency: Guarantees = {
  "never leaves a mix of two writers of one token: what the metadata names is what is there": async (it) => {
    for (let round = 0; round < rounds; round += 1) await raceForOneToken(it, 3);
  },

  "takes 50 writes of one token at once: each wins or is told why not, and what the metadata names is what is there": (
    it,
  ) => raceForOneToken(it, 50),

  "of two tokens that want one place, one gets it": async (it) => {
    for (let round = 0; round < rounds; round += 1) {
      const name = buildName();
      const secrets = [buildSecret(), buildSecret()];
      const winners = await race(it, name, secrets);
      if (it.overwrites === "blindly") {
        ok(winners.length < 2, "Both have written.");
        await expectNoMix(it, name);
        continue;
      }
      equal(winners.length, 1);
      equal(await heldBy(it.open(name), it), winners[0]?.text);
    }
  },

  "of two writers that expect the same, one writes": async (it) => {
    const name = buildName();
    const first = buildSecret();
    await put(it.open(name), first);
    const expecting = await it.open(name).describe();
    const secrets = [buildSecret(first.apiTokenId), buildSecret(first.apiTokenId)];
    const written = await Promise.allSettled(secrets.map((secret) => put(it.open(name), secret, { expecting })));
    if (it.overwrites === "blindly") return expectNoMix(it, name);
    deepEqual(written.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    const winner = secrets[written.findIndex(({ status }) => status === "fulfilled")];
    if (winner !== undefined) await expectHolds(it.open(name), winner, it);
  },
};

async function raceForOneToken(it: StoreUnderTest, count: number): Promise<void> {
  const name = buildName();
  const { apiTokenId } = buildSecret();
  const secrets = Array.from({ length: count }, () => buildSecret(apiTokenId));
  ok((await race(it, name, secrets)).length > 0, "Nobody has written.");
  const text = (await heldBy(it.open(name), it)) ?? "";
  ok(secrets.some((secret) => secret.text === text));
  await expectNoMix(it, name);
}

/** Who has written. The others are told that somebody else has. */
async function race(it: StoreUnderTest, name: string, secrets: readonly TestSecret[]): Promise<readonly TestSecret[]> {
  const stores = secrets.map(() => it.open(name));
  const written = await Promise.allSettled(secrets.map((secret, index) => put(stores[index] ?? it.open(name), secret)));
  for (const outcome of written) {
    if (outcome.status === "fulfilled") continue;
    const { reason } = outcome;
    ok(reason instanceof SecretStoreError, String(reason));
    ok(["secret_store_conflict", "secret_store_occupied"].includes(reason.code), reason.message);
  }
  await Promise.all(stores.map((store) => store.close()));
  return secrets.filter((_, index) => written[index]?.status === "fulfilled");
}

/** A late writer can hide from a store without locks which secret won; then it says so, and never names another. */
async function expectNoMix(it: StoreUnderTest, name: string): Promise<void> {
  const held = (await heldBy(it.open(name), it)) ?? "";
  const { fingerprint } = (await it.open(name).describe()) ?? {};
  ok([fingerprintOf(held), undefined].includes(fingerprint), "The metadata names a secret that is not there.");
}
