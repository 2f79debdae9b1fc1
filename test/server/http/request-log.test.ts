import { expect, test } from "vitest";
import { digestToken } from "../../../server/domain/token-text.ts";
import { createTextLog } from "../../../server/log-format.ts";
import { createTestApp, type TestApp } from "../../support/app.ts";
import { authenticate, buildPendingToken, buildToken, buildUnknownToken } from "../../support/builders.ts";

/** Everything that a token may go through, also in places where none belongs. Gives every token there was. */
async function liveThrough(app: TestApp): Promise<readonly string[]> {
  const { id, token } = await buildToken(app, { role: "admin" });
  const rotated = await app.call("rotateApiToken", { id, token, body: { activation: "deferred" } });
  await authenticate(app, rotated.token);
  const pending = await buildPendingToken(app);
  await authenticate(app, pending.token);
  const unknown = buildUnknownToken();
  await authenticate(app, unknown);
  await authenticate(app, token.slice(0, -1));
  await app.call("verifyApiToken", { body: { token } });
  await app.refused("verifyApiToken", { body: { token, label: token } });
  await app.refused("getApiToken", { id: token });
  await app.refused("listApiTokens", { query: { cursor: token } });
  const headers = { "x-api-key": app.adminToken, "content-type": "application/json" };
  await app.send({ method: "POST", url: "/v2/api-tokens", headers, payload: `{"label":"${token}"` });
  await app.send({
    method: "GET",
    url: `/nowhere/${token}?x=${token}`,
    headers: { authorization: `Bearer ${token} x` },
  });
  await app.send({
    method: "GET",
    url: `/v2/me`,
    headers: { authorization: `Basic ${Buffer.from(`${token}:x`).toString("base64")}` },
  });
  await app.call("revokeApiToken", { id });
  await app.database.close();
  await app.refused("getMe", { token });
  await app.refused("verifyApiToken", { body: { token } });
  return [token, rotated.token, pending.token, unknown, app.adminToken];
}

test("the log of a whole life, at its most talkative, holds no token, no hash of one and no credentials", async () => {
  const app = await createTestApp();
  const tokens = await liveThrough(app);
  const log = app.log();
  expect(log.split("\n").length).toBeGreaterThan(15);
  for (const token of tokens) {
    expect(log).not.toContain(token.slice(8, 30));
    expect(log).not.toContain(digestToken(token).sha256);
    expect(log).not.toContain(Buffer.from(`${token}:x`).toString("base64").slice(0, 30));
  }
});

test("each request is one line: id, operation, route, status and the calling token's id and label", async () => {
  const app = await createTestApp();
  const { id, token, label } = await buildToken(app);
  const answer = await app.answer("getMe", { token });
  const lines = app
    .log()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  expect(lines.filter(({ requestId }) => requestId === answer.headers["x-request-id"])).toEqual([
    expect.objectContaining({
      operationId: "getMe",
      method: "GET",
      route: "/v2/me",
      status: 200,
      ip: "127.0.0.1",
      apiTokenId: id,
      apiTokenLabel: label,
      msg: "request",
    }),
  ]);
});

test("a refused caller is logged without a token it could not prove", async () => {
  const app = await createTestApp();
  const answer = await app.answer("getMe", { token: buildUnknownToken() });
  const line = app
    .log()
    .split("\n")
    .find((text) => text.includes(answer.headers["x-request-id"] ?? "none"));
  expect(JSON.parse(line ?? "{}")).toMatchObject({ status: 401 });
  expect(line).not.toContain("apiTokenId");
});

test("the log for people says the same in one line, and no value can begin another one", () => {
  const lines: string[] = [];
  const log = createTextLog({ write: (line) => lines.push(line) });
  const entry = {
    level: 30,
    time: 0,
    pid: 1,
    hostname: "h",
    reqId: "r",
    status: 200,
    apiTokenLabel: 'a "b"\n2026 ERROR',
    msg: "request",
  };
  log.write(`${JSON.stringify(entry)}\n`);
  expect(lines).toEqual(['1970-01-01T00:00:00.000Z INFO request status=200 apiTokenLabel="a \\"b\\"\\n2026 ERROR"\n']);
});
