/** The client against the real server, and against an edge that misbehaves as networks and proxies do. */
import { rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { inspect } from "node:util";
import {
  ApiError,
  ClientOptionsError,
  ConnectionError,
  createClient,
  iterateApiTokens,
  iterateAuditEvents,
} from "@orgtokens/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { apiToken, edge, hangUp, json, ok, unavailable } from "../support/edge.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { makeFolder } from "../support/temporary-folder.ts";

let server: ServerProcess;
let folder: string;

beforeAll(async () => {
  folder = await makeFolder();
  server = await startServer(folder);
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

test("every operation works against the real server, typed by the contract", async () => {
  const { admin } = server;
  const created = await admin.createApiToken({
    label: "one",
    role: "developer",
    activation: "deferred",
    destination: "file:///one",
  });
  const active = await admin.activateApiToken(created.id, { fingerprint: created.fingerprint });
  expect(active.status).toBe("active");
  expect((await admin.updateApiToken(created.id, { description: "changed" })).description).toBe("changed");
  const rotated = await admin.rotateApiToken(created.id, { gracePeriodSeconds: 0 });
  expect(await admin.verifyApiToken({ token: created.token })).toMatchObject({ active: false, reason: "retired" });
  expect(await createClient({ endpoint: server.endpoint, apiToken: rotated.token }).getMe()).toMatchObject({
    apiToken: { label: "one" },
  });
  expect((await admin.getOrganization()).name).toBe("Test Ltd");
  expect(await admin.getLiveness()).toEqual(await admin.getReadiness());
  expect((await admin.getProblem("secret_superseded")).status).toBe(409);
  expect(await admin.revokeApiToken(created.id, { confirmLabel: "one" })).toBeUndefined();
  expect((await admin.getApiToken(created.id)).status).toBe("revoked");
});

test("a refusal is an ApiError with code, place, request id and whether to try again", async () => {
  const error = await server.admin.createApiToken({ label: "", role: "developer" }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    operationId: "createApiToken",
    code: "request_invalid",
    status: 400,
    retryable: false,
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    errors: [{ pointer: "/body/label", code: "value_empty" }],
  });
  await server.admin.createApiToken({ label: "a", role: "developer", destination: "file:///taken" });
  const taken = await server.admin
    .createApiToken({ label: "b", role: "developer", destination: "file:///taken" })
    .catch((thrown: unknown) => thrown);
  expect(taken).toMatchObject({ code: "destination_in_use", apiTokenId: expect.stringMatching(/^[0-9a-f]{24}$/) });
});

test("a walk over all tokens neither repeats nor skips one while others are generated", async () => {
  const labels = Array.from({ length: 105 }, (_, number) => `walk ${number}`);
  for (const label of labels) await server.admin.createApiToken({ label, role: "developer", managedBy: "walk" });
  const seen: string[] = [];
  for await (const { label } of iterateApiTokens(server.admin, { managedBy: "walk" })) {
    if (seen.length === 50) await server.admin.createApiToken({ label: "late", role: "developer", managedBy: "walk" });
    seen.push(label);
  }
  expect(seen).toEqual(labels.toReversed());
});

test("a walk over all audit events neither repeats nor skips one while others happen", async () => {
  const labels = Array.from({ length: 105 }, (_, number) => `audited ${number}`);
  for (const label of labels) await server.admin.createApiToken({ label, role: "developer" });
  const sequences: number[] = [];
  for await (const { sequence } of iterateAuditEvents(server.admin)) {
    if (sequences.length === 50) await server.admin.createApiToken({ label: "late", role: "developer" });
    sequences.push(sequence);
  }
  const [newest = 0] = sequences;
  expect(newest).toBeGreaterThan(105);
  expect(sequences).toEqual(Array.from({ length: newest }, (_, index) => newest - index));
});

test("a walk over a server that has pages only, as the reference it is compatible with, ends", async () => {
  const tokens = (...labels: readonly string[]) => labels.map((label) => ({ label }));
  const { client, requests } = await edge(
    json(200, { tokens: tokens("c", "b"), total: 3, nextPage: 2 }),
    json(200, { tokens: tokens("a"), total: 3, nextPage: null }),
  );
  const seen: string[] = [];
  for await (const { label } of iterateApiTokens(client)) seen.push(label);
  expect(seen).toEqual(["c", "b", "a"]);
  expect(requests.map(({ url }) => url)).toEqual(["/v2/api-tokens?limit=100", "/v2/api-tokens?limit=100&page=2"]);
});

test("a call that is answered at last succeeds, and says who sends it", async () => {
  const { client, requests } = await edge(hangUp, unavailable, ok);
  expect(await client.getReadiness()).toEqual({ status: "ok" });
  expect(requests[0]?.headers["user-agent"]).toMatch(/^test\/1 orgtokens-sdk\/\d/);
});

test.each([429, 502, 503, 504])(
  "%i means 'not now': it is asked again when Retry-After says, in seconds or as a time",
  async (status) => {
    const soon = new Date(Date.now() + 2000).toUTCString();
    const { client, requests } = await edge(
      json(status, {}, { "retry-after": "1" }),
      json(status, {}, { "retry-after": soon }),
      ok,
    );
    const startedAtMs = Date.now();
    expect(await client.getReadiness()).toEqual({ status: "ok" });
    expect(requests).toHaveLength(3);
    expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(1000);
  },
);

test("a call is sent as often as the client is told, and a refusal once", async () => {
  for (const maxAttempts of [1, 4]) {
    const { endpoint, requests } = await edge(hangUp);
    await expect(createClient({ endpoint, apiToken, maxAttempts }).getMe()).rejects.toBeInstanceOf(ConnectionError);
    expect(requests).toHaveLength(maxAttempts);
  }
  const refusing = await edge(json(403, {}));
  await expect(refusing.client.getMe()).rejects.toMatchObject({ status: 403 });
  expect(refusing.requests).toHaveLength(1);
});

test("as a signed-in user it sends the session's CSRF token as it is at the moment, and no credentials of its own", async () => {
  const { endpoint, requests } = await edge(json(200, { status: "ok" }));
  let csrfToken: string | undefined;
  const client = createClient({ endpoint, session: { csrfToken: () => csrfToken } });
  await client.getLiveness();
  csrfToken = "csrf-1";
  await client.getLiveness();
  const sent = requests.map(({ headers }) => [headers["x-csrf-token"], headers["x-api-key"], headers.authorization]);
  expect(sent).toEqual([
    [undefined, undefined, undefined],
    ["csrf-1", undefined, undefined],
  ]);
});

test("Retry-After is waited for, and the deadline of the whole call counts", async () => {
  const { client, requests } = await edge(json(503, {}, { "retry-after": "9" }));
  const error = await client.getMe({ deadlineMs: 300 }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(String(error)).toContain("before the deadline");
  expect(requests).toHaveLength(1);
});

test.each([
  ["never starts", () => {}],
  ["never ends", (_: IncomingMessage, response: ServerResponse) => void response.writeHead(200).write("{")],
])("an answer that %s ends with the deadline, as a ConnectionError", async (_, answer) => {
  const { client } = await edge(answer);
  await expect(client.getMe({ deadlineMs: 200 })).rejects.toBeInstanceOf(ConnectionError);
});

test("a caller that aborts gets its own reason, before and during a call", async () => {
  const { client, requests } = await edge(() => {});
  const reason = new Error("changed my mind");
  await expect(client.getMe({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(requests).toHaveLength(0);
  const controller = new AbortController();
  const call = client.getMe({ signal: controller.signal });
  await expect.poll(() => requests.length).toBe(1);
  controller.abort(reason);
  await expect(call).rejects.toBe(reason);
});

test("a redirect is refused, and the token is not sent on", async () => {
  const other = await edge(ok);
  const { client } = await edge(json(307, {}, { location: `${other.endpoint}/v2/me` }));
  await expect(client.getMe()).rejects.toMatchObject({ code: "unexpected_response", status: 307 });
  expect(other.requests).toHaveLength(0);
});

test("a redirect says where it leads, without what follows the path", async () => {
  const { client } = await edge(json(302, {}, { location: "https://login.example.com/sign-in?state=hidden" }));
  const error = await client.getMe().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    detail: expect.stringContaining("It redirects to https://login.example.com/sign-in. "),
  });
  expect(String(error)).not.toContain("hidden");
});

test("a page that answers 200 is an unexpected response", async () => {
  const { client } = await edge(
    (_, response) =>
      void response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<h1>Sign in</h1>"),
  );
  await expect(client.getMe()).rejects.toMatchObject({
    code: "unexpected_response",
    status: 200,
    detail: expect.stringContaining("text/html instead of JSON"),
  });
});

test("what is no answer of this API is an unexpected response or a lost connection, never a success", async () => {
  const page = await edge(
    (_, response) => void response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad gateway</h1>"),
  );
  await expect(page.client.getMe()).rejects.toMatchObject({
    code: "unexpected_response",
    status: 502,
    retryable: true,
  });
  const cut = await edge((_, response) => {
    response.writeHead(200, { "content-length": "100" }).write('{"type":');
    response.destroy();
  });
  await expect(cut.client.getMe()).rejects.toBeInstanceOf(ConnectionError);
  const text = await edge((_, response) => void response.writeHead(200).end("welcome"));
  await expect(text.client.getMe()).rejects.toBeInstanceOf(ConnectionError);
  const endless = await edge((_, response) => {
    const more = () =>
      response.socket?.writable && response.write(Buffer.alloc(1 << 20, " "), () => setImmediate(more));
    more();
  });
  await expect(endless.client.updateApiToken("0".repeat(24), { label: "x" })).rejects.toThrow("longer than");
});

test("the token is in no error, and in nothing the client shows of itself", async () => {
  const { client } = await edge(hangUp);
  const errors = [
    await client.getMe().catch((thrown: unknown) => thrown),
    await server.admin.getApiToken("bad").catch((thrown: unknown) => thrown),
    ...["https://u:p@host", "ftp://host", "http://tokens.example.com", "nonsense"].map((endpoint) =>
      thrownBy({ endpoint, apiToken }),
    ),
    thrownBy({ endpoint: "https://host", apiToken: `${apiToken}\n` }),
  ];
  for (const error of errors.slice(2)) expect(error).toBeInstanceOf(ClientOptionsError);
  for (const shown of [...errors, client, server.admin]) {
    const text = inspect(shown, { depth: 4, showHidden: true }) + JSON.stringify(shown) + String(shown);
    expect(text).not.toContain(apiToken);
    expect(text).not.toContain(server.adminToken);
  }
});

function thrownBy(options: Parameters<typeof createClient>[0]): unknown {
  try {
    return createClient(options);
  } catch (error) {
    return error;
  }
}
