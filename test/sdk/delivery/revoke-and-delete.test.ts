import { ConnectionError } from "@orgtokens/sdk";
import { deliverApiToken, revokeAndDelete } from "@orgtokens/sdk/delivery";
import { SecretStoreError } from "@orgtokens/sdk/secret-stores";
import { expect, test } from "vitest";
import { createDeliveryBench, rejection } from "../../support/delivery-bench.ts";

async function createRevocationBench() {
  const it = await createDeliveryBench();
  const request = { label: "CI", role: "developer" } as const;
  const { apiToken } = await deliverApiToken({ client: it.client, store: it.store, request });
  return { ...it, target: { client: it.client, store: it.store, apiTokenId: apiToken.id } };
}

test("the token is revoked and its entry deleted; doing it again is harmless", async () => {
  const { client, store, target } = await createRevocationBench();
  expect(await revokeAndDelete(target)).toEqual({ entry: "deleted" });
  expect((await client.getApiToken(target.apiTokenId)).status).toBe("revoked");
  expect(await store.describe()).toBeUndefined();
  expect(await revokeAndDelete(target)).toEqual({ entry: "absent" });
});

test("the entry of a token that the server does not know any more is deleted", async () => {
  const { store, target } = await createRevocationBench();
  const unknown = "0".repeat(24);
  await store.write("x", { apiTokenId: unknown, fingerprint: "0".repeat(16) }, { replacing: target.apiTokenId });
  expect(await revokeAndDelete({ ...target, apiTokenId: unknown })).toEqual({ entry: "deleted" });
});

test("where the policy demands the label, the label that the token has now is given", async () => {
  const { client, target } = await createRevocationBench();
  await client.updateOrganizationPolicy({ labelConfirmation: "required" });
  await client.updateApiToken(target.apiTokenId, { label: "Renamed" });
  expect(await revokeAndDelete(target)).toEqual({ entry: "deleted" });
  expect((await client.getApiToken(target.apiTokenId)).status).toBe("revoked");
});

test("the entry of another token stays", async () => {
  const { client, store, target } = await createRevocationBench();
  const other = await client.createApiToken({ label: "Other", role: "developer" });
  expect(await revokeAndDelete({ ...target, apiTokenId: other.id })).toEqual({ entry: "not_ours" });
  expect((await store.describe())?.apiTokenId).toBe(target.apiTokenId);
});

test("when the revoke is not answered, the entry stays: the token may live", async () => {
  const it = await createRevocationBench();
  const lost = new ConnectionError("revokeApiToken", "no answer", undefined);
  const client = { ...it.client, revokeApiToken: () => Promise.reject(lost) };
  expect(await rejection(revokeAndDelete({ ...it.target, client }))).toBe(lost);
  expect(await it.stored()).toBe("accepted");
});

test("when the entry cannot be deleted, the token is dead all the same, and the next run finishes", async () => {
  const it = await createRevocationBench();
  const outage = new SecretStoreError("secret_store_unreachable", it.store.destination, "no answer");
  const store = { ...it.store, delete: () => Promise.reject(outage) };
  expect(await rejection(revokeAndDelete({ ...it.target, store }))).toBe(outage);
  expect(await it.stored()).toBe("authentication_revoked");
  expect(await revokeAndDelete(it.target)).toEqual({ entry: "deleted" });
});
