import { expect, test } from "vitest";
import { createTestApp, parseProblem } from "../../support/app.ts";
import { buildAdminToken, buildRevokedToken, buildToken, buildUnknownToken } from "../../support/builders.ts";

test("a live token passes: an empty answer says in header fields whose it is, and never the token", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app, { label: "Größe, 100 % \u{1F680}" });
  const answer = await app.answer("forwardAuth", { token });
  expect(answer).toMatchObject({ status: 200, text: "" });
  expect(answer.headers).toMatchObject({
    "x-orgtokens-token-id": id,
    "x-orgtokens-label": "Gr%C3%B6%C3%9Fe%2C%20100%20%25%20%F0%9F%9A%80",
    "x-orgtokens-role": "developer",
    "x-orgtokens-organization": app.organizationId,
    "content-length": "0",
  });
  expect(decodeURIComponent(answer.headers["x-orgtokens-label"] ?? "")).toBe("Größe, 100 % \u{1F680}");
  expect(JSON.stringify(answer.headers)).not.toContain(token.slice(4, 20));
});

test("the longest label of any script fits its header field", async () => {
  const app = await createTestApp();
  const { token } = await buildToken(app, { label: "\u{1F680}".repeat(100) });
  const { status, headers } = await app.answer("forwardAuth", { token });
  expect([status, headers["x-orgtokens-label"]?.length]).toEqual([200, 1200]);
});

test("?role=admin lets Admin tokens pass only", async () => {
  const app = await createTestApp();
  const query = { role: "admin" };
  const { token: admin } = await buildAdminToken(app);
  const { token: developer } = await buildToken(app);
  expect((await app.answer("forwardAuth", { token: admin, query })).headers["x-orgtokens-role"]).toBe("admin");
  expect((await app.refused("forwardAuth", { token: developer, query })).code).toBe("role_insufficient");
  expect((await app.answer("forwardAuth", { token: developer, query: { role: "developer" } })).status).toBe(200);
});

test("what is refused is refused every time with 401: a proxy speaks for many clients", async () => {
  const failedAuthentications = { name: "refused-tokens", quota: 1, windowSeconds: 60 };
  const app = await createTestApp({ failedAuthentications });
  const { token } = await buildRevokedToken(app);
  for (const refused of [token, buildUnknownToken(), "hunter2", null, token]) {
    const answer = await app.answer("forwardAuth", { token: refused });
    expect(answer.status).toBe(401);
    expect(answer.headers).not.toHaveProperty("ratelimit");
  }
});

test("what a proxy says of the original request is nobody's token", async () => {
  const app = await createTestApp();
  const { token } = await buildToken(app);
  const headers = {
    "x-original-authorization": `Bearer ${token}`,
    "x-forwarded-authorization": `Bearer ${token}`,
    "x-original-x-api-key": token,
    "x-original-uri": `/v2/me?token=${token}`,
    cookie: `token=${token}`,
  };
  const answer = await app.send({ method: "GET", url: "/v2/forward-auth", headers });
  expect(parseProblem(answer).code).toBe("authentication_missing");
});
