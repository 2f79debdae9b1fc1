import { expect, test } from "vitest";
import { createTestApp, parseProblem, type TestApp } from "../../support/app.ts";
import { buildRevokedToken, buildToken, buildUnknownToken } from "../../support/builders.ts";

const failedAuthentications = { name: "refused-tokens", quota: 3, windowSeconds: 60 };

function me(app: TestApp, token: string, from: string) {
  return app.send({ method: "GET", url: "/v2/me", headers: { "x-api-key": token }, from });
}

async function exhaust(app: TestApp, from: string): Promise<void> {
  for (const _ of [1, 2, 3]) expect((await me(app, buildUnknownToken(), from)).status).toBe(401);
}

test("an address whose tokens are refused too often is told 429, when to come again, and is let in again then", async () => {
  const app = await createTestApp({ failedAuthentications });
  const first = await me(app, "hunter2", "192.0.2.1");
  expect(first.headers).toMatchObject({
    ratelimit: '"refused-tokens";r=2;t=20',
    "ratelimit-policy": '"refused-tokens";q=3;w=60',
  });
  const { token: revoked } = await buildRevokedToken(app);
  expect((await me(app, revoked, "192.0.2.1")).status).toBe(401);
  expect((await me(app, buildUnknownToken(), "192.0.2.1")).status).toBe(401);
  const limited = await me(app, buildUnknownToken(), "192.0.2.1");
  expect(parseProblem(limited).code).toBe("rate_limited");
  expect(limited.headers).toMatchObject({ "retry-after": "20", ratelimit: '"refused-tokens";r=0;t=20' });
  app.clock.advance({ seconds: 20 });
  expect((await me(app, buildUnknownToken(), "192.0.2.1")).status).toBe(401);
});

test("what a proxy passes on that is no address, as one with a port, is charged to the proxy", async () => {
  const app = await createTestApp({ failedAuthentications, trustedProxies: ["10.0.0.1"] });
  const statuses: number[] = [];
  for (const port of [1, 2, 3, 4]) {
    const headers = { "x-api-key": buildUnknownToken(), "x-forwarded-for": `192.0.2.1:${port}` };
    statuses.push((await app.send({ method: "GET", url: "/v2/me", headers, from: "10.0.0.1" })).status);
  }
  expect(statuses).toEqual([401, 401, 401, 429]);
});

test("a live token is served from an address that has used up its limit, and costs nothing", async () => {
  const app = await createTestApp({ failedAuthentications });
  const { token } = await buildToken(app);
  await exhaust(app, "192.0.2.1");
  for (const _ of [1, 2, 3, 4, 5]) {
    const answer = await me(app, token, "192.0.2.1");
    expect(answer.status).toBe(200);
    expect(answer.headers["ratelimit"]).toBeUndefined();
  }
  expect((await me(app, buildUnknownToken(), "192.0.2.1")).status).toBe(429);
});

test("one address does not use up the limit of another, but all of one IPv6 network share one", async () => {
  const app = await createTestApp({ failedAuthentications });
  await exhaust(app, "192.0.2.1");
  expect((await me(app, buildUnknownToken(), "192.0.2.2")).status).toBe(401);
  await exhaust(app, "2001:db8:1:2::1");
  expect((await me(app, buildUnknownToken(), "2001:db8:1:2:ffff::9")).status).toBe(429);
  expect((await me(app, buildUnknownToken(), "2001:db8:1:3::1")).status).toBe(401);
});

test("a forged X-Forwarded-For gets nobody a limit of its own", async () => {
  const app = await createTestApp({ failedAuthentications });
  await exhaust(app, "192.0.2.1");
  const headers = { "x-api-key": buildUnknownToken(), "x-forwarded-for": "198.51.100.7" };
  expect((await app.send({ method: "GET", url: "/v2/me", headers, from: "192.0.2.1" })).status).toBe(429);
});

test("what is no attempt with a token is not charged", async () => {
  const app = await createTestApp({ failedAuthentications });
  const { token } = await buildToken(app);
  for (const _ of [1, 2, 3, 4]) {
    expect((await app.refused("getMe", { token: null })).code).toBe("authentication_missing");
    expect((await app.refused("listApiTokens", { token })).code).toBe("role_insufficient");
    expect((await app.call("verifyApiToken", { token, body: { token: "hunter2" } })).active).toBe(false);
  }
  expect((await me(app, buildUnknownToken(), "127.0.0.1")).headers["ratelimit"]).toContain(";r=2;");
});
