import { expect, test } from "vitest";
import { contractRoutes } from "../../support/answer-check.ts";
import { createTestApp, parseProblem } from "../../support/app.ts";

const paths = [...new Set([...contractRoutes.values()].map(({ path }) => path))];
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];
const someId = "0199f3a1b2c40d5e6f708192";

test.for([
  "/",
  "/v2",

  "/v2/api-token",
  "/V2/api-tokens",
  `/v2/api-tokens/${someId}/revoke`,
  "/v2//api-tokens",
  "/v2/%zz",
  `/v2/api-tokens/${"0".repeat(2000)}`,
])("%s is route_not_found", async (url) => {
  const app = await createTestApp();
  const problem = parseProblem(await app.send({ method: "GET", url, headers: { "x-api-key": app.adminToken } }));
  expect(problem).toMatchObject({ code: "route_not_found", status: 404 });
});

test("an unknown path is not found whatever body comes with it", async () => {
  const app = await createTestApp();
  for (const [contentType, payload] of [
    ["text/plain", "x"],
    ["application/json", "{"],
    ["application/json", " ".repeat(20_000)],
  ] as const) {
    const answer = await app.send({
      method: "POST",
      url: "/v2/nothing",
      headers: { "content-type": contentType },
      payload,
    });
    expect(parseProblem(answer).code).toBe("route_not_found");
  }
});

test.for(paths)("%s answers a method it does not have with 405 and the ones it has", async (path) => {
  const app = await createTestApp();
  const url = path.replace(/\{\w+\}/, someId);
  const known = [...contractRoutes.values()].filter((route) => route.path === path).map(({ method }) => method);
  for (const method of methods.filter((candidate) => !known.includes(candidate))) {
    const answer = await app.send({ method, url });
    expect(parseProblem(answer), method).toMatchObject({ code: "method_not_allowed", status: 405 });
    const allowed = (answer.headers["allow"] ?? "").split(", ").filter((name) => name !== "HEAD");
    expect(allowed.sort(), method).toEqual([...known].sort());
  }
});

test("every problem code is explained where the type of its problems points to", async () => {
  const app = await createTestApp();
  const problem = await app.refused("getApiToken", { id: someId });
  expect(problem.type).toBe("/problems/api_token_not_found");
  const explained = await app.call("getProblem", { id: problem.code, token: null });
  expect(explained).toMatchObject({
    code: problem.code,
    title: problem.title,
    status: problem.status,
    retryable: false,
  });
  expect((await app.refused("getProblem", { id: "no_such_code", token: null })).errors).toMatchObject([
    { pointer: "/path/code", code: "value_unknown" },
  ]);
});

test("liveness and readiness answer without a token", async () => {
  const app = await createTestApp();
  expect(await app.call("getLiveness", { token: null })).toEqual({ status: "ok" });
  expect(await app.call("getReadiness", { token: null })).toEqual({ status: "ok" });
});

test.for(["getMe", "getOrganization", "getLiveness", "getReadiness"] as const)(
  "%s refuses a query parameter that its contract does not have",
  async (operationId) => {
    const app = await createTestApp();
    const problem = await app.refused(operationId, { query: { verbose: 1 } });
    expect(problem).toMatchObject({
      code: "request_invalid",
      errors: [{ pointer: "/query/verbose", code: "field_unknown" }],
    });
  },
);
