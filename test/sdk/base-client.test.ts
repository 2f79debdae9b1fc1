/** A server that has the three base operations only: what is possible there, and what is refused before anything is sent. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@orgtokens/sdk";
import { createBaseClient, detectServer } from "@orgtokens/sdk/base-client";
import { deliverToBaseServer, replaceOnBaseServer } from "@orgtokens/sdk/delivery";
import { openFileSecretStore, SecretStoreError } from "@orgtokens/sdk/secret-stores";
import { expect, test } from "vitest";
import { type BaseServer, startBaseServer } from "../support/base-server.ts";
import { interrupted, rejection } from "../support/delivery-bench.ts";
import { apiToken, edge, json } from "../support/edge.ts";
import { startServer } from "../support/server-process.ts";
import { makeFolder, temporaryFolder } from "../support/temporary-folder.ts";

const request = { label: "CI", role: "developer", managedBy: "infra/prod" } as const;

async function bench() {
  const server = await startBaseServer();
  const folder = await temporaryFolder();
  const open = (name = "secret") => openFileSecretStore({ path: join(folder, name) });
  return { server, client: createBaseClient(server.client), store: open(), open };
}

async function isStored(server: BaseServer, store: { read(): Promise<string | undefined> }): Promise<boolean> {
  return server.accepts((await store.read()) ?? "");
}

test("what a server offers is detected: ours whole, a base server's three operations, and nothing of a stranger", async () => {
  const folder = await makeFolder();
  const ours = await startServer(folder);
  expect(await detectServer(ours.admin)).toMatchObject({ kind: "full", me: { type: "api_token" } });
  await ours.close();
  await rm(folder, { recursive: true });
  const base = await startBaseServer();
  expect(await detectServer(base.client)).toEqual({ kind: "base" });
  expect(base.requests).toEqual(["GET /v2/me", "GET /v2/api-tokens"]);
  const stranger = await edge(json(404, { message: "no" }), json(200, { items: [] }));
  await expect(detectServer(stranger.client)).rejects.toMatchObject({ code: "unexpected_response", status: 404 });
  const wrongToken = createClient({ endpoint: base.endpoint, apiToken: apiToken.replace("0", "9") });
  await expect(detectServer(wrongToken)).rejects.toMatchObject({ status: 401 });
});

test("a delivery to a base server is stored and live, and its token is found again by walking every page", async () => {
  const { server, client, store } = await bench();
  const delivered = await deliverToBaseServer({ client, store, request });
  for (let more = 0; more < 120; more += 1) await client.createApiToken({ label: "other", role: "developer" });
  expect(delivered).toMatchObject({ outcome: "created", apiToken: { label: "CI", status: "active" } });
  expect(await isStored(server, store)).toBe(true);
  expect(await store.describe()).toMatchObject({
    apiTokenId: delivered.apiToken.id,
    fingerprint: delivered.receipt.fingerprint,
  });
  const another = createBaseClient(server.client);
  expect(await another.getApiToken(delivered.apiToken.id)).toMatchObject({ label: "CI", fingerprint: "" });
  const found = await another.listApiTokens({ label: "CI", status: "all" });
  expect(found.tokens.map(({ id }) => id)).toEqual([delivered.apiToken.id]);
  await client.revokeApiToken(delivered.apiToken.id);
  expect(await isStored(server, store)).toBe(false);
  await expect(another.getApiToken(delivered.apiToken.id)).rejects.toMatchObject({ code: "api_token_not_found" });
  await expect(another.revokeApiToken(delivered.apiToken.id)).rejects.toMatchObject({ code: "api_token_not_found" });
});

test("a store that fails leaves no live token on a base server", async () => {
  const { server, client, store } = await bench();
  const failing = interrupted(store, "before", () =>
    Promise.reject(new SecretStoreError("secret_store_unreachable", store.destination, "no answer")),
  );
  await expect(deliverToBaseServer({ client, store: failing, request })).rejects.toThrow("no answer");
  expect(server.tokens()).toEqual([]);
});

test("a delivery that was not recorded is adopted by the next run, and by no run that is not known to be the same", async () => {
  const { server, client, store } = await bench();
  const first = await deliverToBaseServer({ client, store, request });
  const next = createBaseClient(server.client);
  const again = await deliverToBaseServer({ client: next, store, request });
  expect(again).toMatchObject({ outcome: "adopted", apiToken: { id: first.apiToken.id } });
  for (const other of [{ ...request, label: "Other" }, { label: "CI", role: "developer" } as const]) {
    const refused = await rejection(deliverToBaseServer({ client: next, store, request: other }));
    expect(refused).toMatchObject({ code: "destination_in_use", apiTokenId: first.apiToken.id });
  }
  expect(server.tokens()).toHaveLength(1);
});

test("a replacement changes the secret in its place while the old one works, and then revokes the old one", async () => {
  const { server, client, store } = await bench();
  const { apiToken: old } = await deliverToBaseServer({ client, store, request });
  const before = (await store.read()) ?? "";
  const worth: boolean[] = [];
  const watched = interrupted(store, "after", async () => worth.push(server.accepts(before)));
  const replaced = await replaceOnBaseServer({ client, store: watched, request, apiTokenId: old.id });
  expect(worth).toEqual([true]);
  expect(replaced.apiToken.id).not.toBe(old.id);
  expect(await isStored(server, store)).toBe(true);
  expect(server.accepts(before)).toBe(false);
  expect(server.tokens()).toHaveLength(1);
});

test("a replacement that died before it revoked the old token is finished by the next one", async () => {
  const { server, client, store } = await bench();
  const { apiToken: old } = await deliverToBaseServer({ client, store, request });
  const dying = { ...client, revokeApiToken: () => Promise.reject(new Error("killed")) };
  await expect(replaceOnBaseServer({ client: dying, store, request, apiTokenId: old.id })).rejects.toThrow("killed");
  expect(server.tokens()).toHaveLength(2);
  const next = createBaseClient(server.client);
  const replaced = await replaceOnBaseServer({ client: next, store, request, apiTokenId: old.id });
  expect(server.tokens().map(({ id }) => id)).toEqual([replaced.apiToken.id]);
  expect(await isStored(server, store)).toBe(true);
});

test("a replacement that moves to another place leaves nothing at the old one", async () => {
  const { server, client, store, open } = await bench();
  const { apiToken: old } = await deliverToBaseServer({ client, store, request });
  const elsewhere = open("elsewhere");
  await replaceOnBaseServer({ client, store: elsewhere, previousStore: store, request, apiTokenId: old.id });
  expect(await isStored(server, elsewhere)).toBe(true);
  expect(await store.describe()).toBeUndefined();
});

test("what a base server cannot do is refused by name, and nothing is sent", async () => {
  const { server, client } = await bench();
  const id = "0199f3a1b2c4000000000001";
  const refused = { code: "unsupported_by_server" };
  await expect(client.rotateApiToken(id)).rejects.toMatchObject(refused);
  await expect(client.updateApiToken(id, { label: "x" })).rejects.toMatchObject(refused);
  await expect(client.listApiTokens({ managedBy: "x" })).rejects.toMatchObject(refused);
  const expiring = client.createApiToken({ label: "x", role: "developer", expiresInSeconds: 60 });
  await expect(expiring).rejects.toMatchObject({ ...refused, detail: expect.stringContaining("expiresInSeconds") });
  expect(server.requests).toEqual([]);
});
