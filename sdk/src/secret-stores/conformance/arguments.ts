import { equal, match } from "node:assert/strict";
import { fingerprintOf } from "../entry-metadata.ts";
import { expectHolds, expectRefused, heldBy } from "./expectations.ts";
import type { Guarantees, StoreUnderTest } from "./store-under-test.ts";
import { buildName, buildSecret, put } from "./test-secret.ts";

const hostileNames = [
  "with space",
  "schlüssel-鍵-🔑",
  "100%",
  "%2e%2e",
  'it\'s "quoted"',
  "a#b?c&d=e",
  "back\\slash",
  "{}[]^`|<>",
];

async function keepOrRefuse(it: StoreUnderTest, hostile: string): Promise<void> {
  const name = `${buildName()}/${hostile}`;
  if (it.names === "restricted") {
    await expectRefused(() => it.open(name), "secret_store_invalid_argument");
    return;
  }
  const store = it.open(name);
  match(store.destination, /^[a-z-]+:\/\/[!-~]+$/);
  const secret = buildSecret();
  await put(store, secret);
  const again = it.openDestination(store.destination);
  equal(again.destination, store.destination);
  await expectHolds(again, secret, it);
  equal(await again.delete(secret.apiTokenId), "deleted");
}

/** Names, sizes and ids: what can be kept is kept as it is, and the rest is refused before anything happens. */
export const argumentsGiven: Guarantees = {
  ...Object.fromEntries(
    hostileNames.map((hostile) => [
      `keeps a secret at the place ${JSON.stringify(hostile)} and its destination leads back, or refuses it`,
      (it: StoreUnderTest) => keepOrRefuse(it, hostile),
    ]),
  ),

  "refuses places that no store could keep apart or name": async (it) => {
    const names = [...it.refusedNames, "line\nbreak", "nul\0", "half \ud83d", `${"long/".repeat(120)}name`];
    for (const name of names) await expectRefused(() => it.open(name), "secret_store_invalid_argument");
  },

  "keeps secrets of 1 to 4096 bytes and refuses others, unchanged": async (it) => {
    const store = it.open(buildName());
    const { apiTokenId } = buildSecret();
    const largest = `${"ü".repeat(2047)}--`;
    const write = (text: string) => store.write(text, { apiTokenId, fingerprint: fingerprintOf(text) });
    for (const text of ["x", largest]) {
      await write(text);
      equal(await heldBy(store, it), text);
    }
    for (const text of ["", `${largest}-`]) await expectRefused(() => write(text), "secret_store_invalid_argument");
    equal(await heldBy(store, it), largest);
  },

  "refuses ids and fingerprints that cannot be ones": async (it) => {
    const store = it.open(buildName());
    const secret = buildSecret();
    for (const wrong of [{ apiTokenId: "../x" }, { apiTokenId: "" }, { fingerprint: "ABC" }, { fingerprint: "" }])
      await expectRefused(() => put(store, { ...secret, ...wrong }), "secret_store_invalid_argument");
    equal(await store.describe(), undefined);
  },
};
