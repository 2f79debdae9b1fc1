/** What a log or a trace is told of the requests that a client sends. */
import { randomBytes } from "node:crypto";
import { type Attempt, ConnectionError, createClient } from "@orgtokens/sdk";
import { expect, test } from "vitest";
import { createTokenIssuer } from "../../server/domain/token-text.ts";
import { apiToken, type EdgeAnswer, edge, hangUp, json, ok, unavailable } from "../support/edge.ts";

async function watchedEdge(...answers: readonly EdgeAnswer[]) {
  const attempts: Attempt[] = [];
  const { endpoint } = await edge(...answers);
  return { attempts, client: createClient({ endpoint, apiToken, onAttempt: (attempt) => attempts.push(attempt) }) };
}

test("each attempt of a call is told once, with what became of it and whether it is repeated", async () => {
  const found = json(200, { tokens: [], total: 0, nextPage: null, nextCursor: null }, { "x-request-id": "r-2" });
  const { attempts, client } = await watchedEdge(hangUp, unavailable, found);
  await client.listApiTokens({ search: "private words" });
  const call = { operationId: "listApiTokens", method: "GET", path: "/v2/api-tokens", durationMs: expect.any(Number) };
  expect(attempts).toEqual([
    {
      ...call,
      number: 1,
      status: undefined,
      requestId: undefined,
      error: expect.any(ConnectionError),
      retriedAfterMs: expect.any(Number),
    },
    { ...call, number: 2, status: 503, requestId: undefined, error: undefined, retriedAfterMs: expect.any(Number) },
    { ...call, number: 3, status: 200, requestId: "r-2", error: undefined, retriedAfterMs: undefined },
  ]);
});

test("the last failure, a refusal and who gives up are told, too", async () => {
  const { attempts, client } = await watchedEdge(json(403, {}), () => {});
  await expect(client.getMe()).rejects.toThrow();
  const reason = new Error("changed my mind");
  const controller = new AbortController();
  const call = client.getMe({ signal: controller.signal });
  controller.abort(reason);
  await expect(call).rejects.toBe(reason);
  await expect(client.getMe({ deadlineMs: 100, maxAttempts: 1 })).rejects.toThrow(ConnectionError);
  expect(attempts.map(({ status, error, retriedAfterMs }) => [status, String(error), retriedAfterMs])).toEqual([
    [403, "undefined", undefined],
    [undefined, "Error: changed my mind", undefined],
    [undefined, expect.stringContaining("before the deadline"), undefined],
  ]);
});

test("neither the token nor what is asked for is told", async () => {
  const { attempts, client } = await watchedEdge(hangUp);
  await expect(client.verifyApiToken({ token: "tok_presented" })).rejects.toThrow(ConnectionError);
  await expect(client.listApiTokens({ label: "private words" })).rejects.toThrow(ConnectionError);
  const told = JSON.stringify(attempts) + attempts.map(({ error }) => String(error)).join();
  for (const secret of [apiToken, "tok_presented", "private"]) expect(told).not.toContain(secret);
  expect(attempts.length).toBeGreaterThan(1);
});

test("a token that was pasted in the place of an id is shown as lists show it", async () => {
  const { attempts, client } = await watchedEdge(json(404, {}));
  const token = createTokenIssuer(randomBytes)().text;
  await expect(client.getApiToken(token)).rejects.toThrow();
  expect(attempts.map(({ path }) => path)).toEqual([`/v2/api-tokens/${token.slice(0, 8)}****`]);
});

test("who listens and fails takes no answer away", async () => {
  const { endpoint } = await edge(ok);
  const onAttempt = () => {
    throw new Error("the log is full");
  };
  expect(await createClient({ endpoint, apiToken, onAttempt }).getReadiness()).toEqual({ status: "ok" });
});
