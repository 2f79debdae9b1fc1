import { ApiError, ConnectionError } from "@orgtokens/sdk";
import { expect, test } from "vitest";
import { createApiTokenReader } from "../../../provider/resources/api-token-reader.ts";
import { buildListed, idOf, type ListingServer, listingServer } from "./listing-server.ts";

const { signal } = new AbortController();

/** Reads tokens as Terraform does: this many at a time, in no order that the server knows. */
async function readAll(
  { find }: { readonly find: (id: string, options: { readonly signal: AbortSignal }) => Promise<unknown> },
  ids: readonly string[],
  parallelism: number,
): Promise<readonly unknown[]> {
  const order = ids.map((id, index) => ({ id, at: (index * 7919) % ids.length })).toSorted((a, b) => a.at - b.at);
  const queue = order.map(({ id }) => id);
  const found: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) found.push(await find(id, { signal }));
  };
  await Promise.all([...Array(parallelism)].map(work));
  return found;
}

const numbers = (count: number, from = 1): readonly string[] => [...Array(count).keys()].map((n) => idOf(n + from));

test.each([
  ["a thousand of a thousand", 1000, 1000, 10, 11],
  ["a thousand of a thousand, one at a time", 1000, 1000, 1, 11],
  ["a thousand of 1,001, as without managed_by", 1001, 1000, 1, 11],
  ["a hundred of a hundred", 100, 100, 1, 1],
  ["one of a hundred", 100, 1, 1, 1],
  ["one of 450", 450, 1, 10, 2],
  ["ten of 100,000", 100_000, 10, 10, 2],
  ["ten of 100,000, one at a time", 100_000, 10, 1, 11],
  ["all 2,500", 2500, 2500, 10, 49],
  ["all 2,500, one at a time", 2500, 2500, 1, 49],
])("reading %s costs at most as much as promised", async (_, existing, wanted, parallelism, most) => {
  const server = listingServer(existing);
  const reader = createApiTokenReader({ api: server.client, managedBy: undefined });
  const found = await readAll(reader, numbers(wanted), parallelism);
  expect(found).toHaveLength(wanted);
  expect(found).not.toContain(undefined);
  expect(server.queries.length).toBeLessThanOrEqual(most);
  for (const query of server.queries) expect([query.get("status"), query.get("limit")]).toEqual(["all", "100"]);
});

test("with an owner namespace its tokens are listed first, and others are found all the same", async () => {
  const server = listingServer(20, "infra/prod");
  for (const id of numbers(300, 100)) server.tokens.set(id, buildListed(id));
  const reader = createApiTokenReader({ api: server.client, managedBy: "infra/prod" });
  expect(await readAll(reader, numbers(20), 10)).not.toContain(undefined);
  expect(server.queries.map((query) => query.get("managedBy"))).toEqual(["infra/prod"]);
  expect(await readAll(reader, numbers(300, 100), 10)).not.toContain(undefined);
  expect(server.queries.length).toBeLessThanOrEqual(1 + 2 * 3);
});

test("a token that no listing has is asked for by its id before it counts as none", async () => {
  const server = listingServer(3);
  const reader = createApiTokenReader({ api: server.client, managedBy: undefined });
  expect(await reader.find(idOf(1), { signal })).toMatchObject({ id: idOf(1) });
  server.tokens.set(idOf(4), buildListed(idOf(4)));
  expect(await reader.find(idOf(4), { signal })).toMatchObject({ id: idOf(4) });
  expect(await reader.find(idOf(5), { signal })).toBeUndefined();
  expect(server.queries.at(-1)?.getAll("id")).toEqual([idOf(5)]);
});

test("a token that was written is asked for anew, also when a page with it was on its way", async () => {
  const server = listingServer(1);
  const reader = createApiTokenReader({ api: server.client, managedBy: undefined });
  await reader.find(idOf(1), { signal });
  server.tokens.set(idOf(1), { ...buildListed(idOf(1)), label: "changed" });
  expect(await reader.find(idOf(1), { signal })).toMatchObject({ label: `Token ${idOf(1)}` });
  reader.forget(idOf(1));
  expect(await reader.find(idOf(1), { signal })).toMatchObject({ label: "changed" });
  server.tokens.delete(idOf(1));
  expect(await reader.find(idOf(1), { signal })).toBeUndefined();
});

test("what a listing said is taken to be so for two minutes, and is then asked for anew", async () => {
  const server = listingServer(1);
  let elapsed = 0;
  const reader = createApiTokenReader({ api: server.client, managedBy: undefined, elapsedMs: () => elapsed });
  await reader.find(idOf(1), { signal });
  server.tokens.set(idOf(1), { ...buildListed(idOf(1)), label: "changed" });
  elapsed = 119_999;
  expect(await reader.find(idOf(1), { signal })).toMatchObject({ label: `Token ${idOf(1)}` });
  elapsed = 120_000;
  expect(await reader.find(idOf(1), { signal })).toMatchObject({ label: "changed" });
});

const problem = (status: number, code: string) => async () =>
  Response.json({ type: `/problems/${code}`, title: code, status, detail: "No.", code, requestId: "r-1" }, { status });

test.each([
  ["401", problem(401, "authentication_revoked"), ApiError],
  ["403", problem(403, "role_insufficient"), ApiError],
  ["503", problem(503, "service_unavailable"), ApiError],
  ["HTML", async () => new Response("<h1>Welcome</h1>", { headers: { "content-type": "text/html" } }), ApiError],
  ["a redirect", async () => new Response(null, { status: 302, headers: { location: "/login" } }), ApiError],
  ["a connection that fails", () => Promise.reject(new TypeError("fetch failed")), ConnectionError],
])("%s is an error for everybody who waits, and never 'none'; the next read asks again", async (_, instead, kind) => {
  for (const existing of [300, 3]) {
    const server = listingServer(existing);
    const reader = createApiTokenReader({ api: server.client, managedBy: undefined });
    // First the listing fails, then, where there is more than a page, a request by ids.
    if (existing > 100) await reader.find(idOf(300), { signal });
    server.instead = instead;
    const reads = [1, 2, 3].map((number) => reader.find(idOf(number), { signal }));
    for (const read of await Promise.allSettled(reads)) {
      expect(read).toMatchObject({ status: "rejected", reason: expect.any(kind) });
    }
    server.instead = undefined;
    expect(await reader.find(idOf(1), { signal })).toMatchObject({ id: idOf(1) });
  }
});

test("a server that ignores the filter is no proof that a token is gone", async () => {
  const server = listingServer(300);
  const reader = createApiTokenReader({ api: server.client, managedBy: undefined });
  await reader.find(idOf(300), { signal });
  const everything = [...server.tokens.values()].slice(0, 100);
  server.instead = async () => Response.json({ tokens: everything, total: 300, nextPage: 2 });
  await expect(reader.find(idOf(150), { signal })).rejects.toThrow("does not filter");
});

test("whoever gives up fails nobody else", async () => {
  const server = listingServer(3);
  const reader = createApiTokenReader({ api: server.client, managedBy: undefined });
  const impatient = new AbortController();
  const [left, stayed] = [reader.find(idOf(1), { signal: impatient.signal }), reader.find(idOf(2), { signal })];
  impatient.abort(new Error("enough"));
  await expect(left).rejects.toThrow("enough");
  expect(await stayed).toMatchObject({ id: idOf(2) });
});

test("a request that nobody waits for any more is given up, and does not fail whoever comes next", async () => {
  const server = listingServer(3);
  const reader = createApiTokenReader({ api: server.client, managedBy: undefined });
  const impatient = new AbortController();
  const given = await hangs(server);
  const left = reader.find(idOf(1), { signal: impatient.signal });
  await given.started;
  impatient.abort(new Error("enough"));
  server.instead = undefined;
  const next = reader.find(idOf(2), { signal });
  await expect(left).rejects.toThrow("enough");
  expect(await next).toMatchObject({ id: idOf(2) });
  expect(given.signal()?.aborted).toBe(true);
});

test("whoever has given up before is not asked for", async () => {
  const server = listingServer(3);
  const reader = createApiTokenReader({ api: server.client, managedBy: undefined });
  await expect(reader.find(idOf(1), { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  expect(server.queries).toEqual([]);
});

/** Lets the edge answer nothing until the request is given up. */
async function hangs(server: ListingServer) {
  let seen: AbortSignal | undefined;
  const started = new Promise<void>((resolve) => {
    server.instead = (request) => {
      seen = request;
      resolve();
      return new Promise((_, reject) => request.addEventListener("abort", () => reject(request.reason)));
    };
  });
  return { started, signal: () => seen };
}
