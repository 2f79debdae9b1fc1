import { deepEqual, equal, match, ok } from "node:assert/strict";
import { expectDescribed, expectHolds, expectRefused, refusal } from "./expectations.ts";
import type { Guarantees } from "./store-under-test.ts";
import { buildName, buildSecret, put } from "./test-secret.ts";

const label = `Nightly build (prod), "ü鍵🔑" = 100%`;
const organizationId = "0".repeat(24);

/** What stands beside the secret, for the next run and for people. */
export const labels: Guarantees = {
  "says of which organization the token is, also when somebody else has changed the secret since": async (it) => {
    const name = buildName();
    const store = it.open(name);
    const { text, apiTokenId, fingerprint } = buildSecret();
    await store.write(text, { apiTokenId, fingerprint, organizationId });
    await expectDescribed(store, { apiTokenId, fingerprint, organizationId });
    await it.foreignWrite(name, "hunter2");
    deepEqual(await store.describe(), { apiTokenId, organizationId });
    const refused = await refusal(() => put(store, buildSecret()));
    ok(refused.message.includes(`the token ${apiTokenId} of the organization ${organizationId}`));
  },

  "says what the token is for and when it expires, where people look, also when the secret was overwritten": async (
    it,
  ) => {
    const name = buildName();
    const store = it.open(name);
    const { text, apiTokenId, fingerprint } = buildSecret();
    await store.write(text, { apiTokenId, fingerprint, label, expiresAt: "2027-01-31T12:00:00Z" });
    const token = { apiTokenId, label, expiresAt: "2027-01-31T12:00:00.000Z" };
    await expectDescribed(store, { ...token, fingerprint });
    ok((await it.metadata(name)).includes("Nightly build "));
    ok((await refusal(() => put(store, buildSecret()))).message.includes(label));
    await it.foreignWrite(name, "overwritten");
    deepEqual(await store.describe(), token);
  },

  "takes a token for the same when it was relabelled since, and keeps what the last write said": async (it) => {
    const store = it.open(buildName());
    const first = buildSecret();
    const { apiTokenId, fingerprint } = first;
    await store.write(first.text, { apiTokenId, fingerprint, label, expiresAt: "2027-01-31T12:00:00Z" });
    const seen = await store.describe();
    const second = buildSecret(apiTokenId);
    const owner = { apiTokenId, fingerprint: second.fingerprint, label: "renamed" };
    await store.write(second.text, owner, { expecting: { ...seen, label: "another" } });
    await expectDescribed(store, owner);
    equal((await store.describe())?.expiresAt, undefined);
    const other = buildSecret();
    await put(store, other, { replacing: apiTokenId });
    await expectHolds(store, other, it);
    equal((await store.describe())?.label, undefined);
  },

  "keeps any label in a form that harms neither the store nor who reads it, and shortens what is too long": async (
    it,
  ) => {
    const store = it.open(buildName());
    const { apiTokenId } = buildSecret();
    const kept = async (given: string) => {
      const secret = buildSecret(apiTokenId);
      await store.write(secret.text, { apiTokenId, fingerprint: secret.fingerprint, label: given });
      await expectHolds(store, secret, it);
      return (await store.describe())?.label;
    };
    equal(await kept("line\nbreak \u202eand half \ud83d"), "line break  and half \ufffd");
    equal(await kept("api-token=0 deleted=yes \\u0000 %00 {}"), "api-token=0 deleted=yes \\u0000 %00 {}");
    equal(await kept("x".repeat(300)), `${"x".repeat(99)}…`);
    match((await kept("🔑".repeat(100))) ?? "", /^(?:🔑){100}$|^(?:🔑){10,99}…$/u);
    equal(await kept("\n"), undefined);
  },

  "refuses an expiry that is no time": async (it) => {
    const store = it.open(buildName());
    const { text, ...owner } = buildSecret();
    await expectRefused(() => store.write(text, { ...owner, expiresAt: "tomorrow" }), "secret_store_invalid_argument");
    equal(await store.describe(), undefined);
  },
};
