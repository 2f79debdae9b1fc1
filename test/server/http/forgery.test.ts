import { expect, test } from "vitest";
import type { OperationId } from "../../../server/operations/operation.ts";
import { contractRoutes } from "../../support/answer-check.ts";
import { changesNothing, createTestApp, parseProblem, type TestApp, type TestSession } from "../../support/app.ts";
import { buildToken } from "../../support/builders.ts";
import { buildLink, signIn } from "../../support/people.ts";

const someId = "0199f3a1b2c40d5e6f708192";
const changes = [...contractRoutes].filter(
  ([, { method, callers }]) => method !== "GET" && ["admin", "user", "member"].includes(callers),
);

/** A change as a page sends it, with header fields of a trick. */
function change(app: TestApp, session: TestSession, headers: Readonly<Record<string, string | string[]>>) {
  const payload = JSON.stringify({ label: "Loot", role: "admin" });
  const own = { cookie: session.cookie, "x-csrf-token": session.csrfToken, "content-type": "application/json" };
  return app.send({ method: "POST", url: "/v2/api-tokens", headers: { ...own, ...headers }, payload });
}

test.for(changes)("%s by a session without its CSRF token changes nothing", async ([operationId]) => {
  const app = await createTestApp();
  const { cookie } = await signIn(app);
  await changesNothing(app, async () => {
    const session = { cookie, csrfToken: "" };
    const problem = await app.refused(operationId as OperationId, { session, id: someId });
    expect(problem).toMatchObject({ code: "csrf_token_invalid", status: 403 });
  });
});

test("the CSRF token of another session, cut short or given twice is none", async () => {
  const app = await createTestApp();
  const [mine, other] = [await signIn(app), await signIn(app)];
  for (const given of [other.csrfToken, mine.csrfToken.slice(0, -1), `${mine.csrfToken}x`]) {
    expect(parseProblem(await change(app, mine, { "x-csrf-token": given })).code).toBe("csrf_token_invalid");
  }
  expect((await change(app, mine, {})).status).toBe(201);
});

test.for([
  [{ "sec-fetch-site": "cross-site" }, 403],
  [{ "sec-fetch-site": "same-site" }, 403],
  [{ "sec-fetch-site": "none" }, 403],
  [{ origin: "https://evil.example" }, 403],
  [{ origin: "https://evil.tokens.test.example" }, 403],
  [{ origin: "http://tokens.test.example" }, 403],
  [{ origin: "null" }, 403],
  [{ origin: "https://tokens.test.example", "sec-fetch-site": "cross-site" }, 403],
  [{ origin: "https://tokens.test.example" }, 201],
  [{ origin: "https://tokens.test.example", "sec-fetch-site": "same-origin" }, 201],
  [{ host: "evil.example", origin: "https://evil.example" }, 403],
  [{ "x-forwarded-host": "evil.example", origin: "https://evil.example" }, 403],
] as const)("a change with %j answers %i even with the right CSRF token", async ([headers, status]) => {
  const app = await createTestApp();
  const session = await signIn(app);
  const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value as string | string[]]));
  expect((await change(app, session, given)).status).toBe(status);
});

test.for(["host", "content-type", "origin", "sec-fetch-site", "x-csrf-token"])(
  "%s given twice is refused with its place, whatever it says",
  async (name) => {
    const app = await createTestApp();
    const session = await signIn(app);
    const values = [session.csrfToken, session.csrfToken];
    const problem = await changesNothing(app, async () => parseProblem(await change(app, session, { [name]: values })));
    expect(problem).toMatchObject({
      code: "request_invalid",
      errors: [{ pointer: `/header/${name}`, code: "fields_conflict" }],
    });
  },
);

test("another site signs nobody in: neither by a link of its own nor by asking for one", async () => {
  const app = await createTestApp();
  const linkToken = await buildLink(app, app.adminEmail);
  for (const [url, body] of [
    ["/v2/session", { linkToken }],
    ["/v2/sign-in/links", { email: app.adminEmail }],
  ] as const) {
    for (const trick of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
      const headers = { "content-type": "application/json", ...trick };
      const answer = await app.send({ method: "POST", url, headers, payload: JSON.stringify(body) });
      expect(parseProblem(answer).code).toBe("csrf_token_invalid");
    }
    const form = { "content-type": "text/plain" };
    const answer = await app.send({ method: "POST", url, headers: form, payload: JSON.stringify(body) });
    expect(parseProblem(answer).code).toBe("content_type_unsupported");
  }
  await app.call("createSession", { token: null, body: { linkToken } });
});

test("a token and a session in one request are ambiguous wherever both would do, and two sessions too", async () => {
  const app = await createTestApp();
  const session = await signIn(app);
  const both = [...contractRoutes].filter(([, { callers }]) => ["admin", "user", "member"].includes(callers));
  for (const [operationId, { method, path }] of both) {
    const url = path.replace("{id}", someId);
    const headers = { cookie: session.cookie, "x-api-key": app.adminToken };
    expect(parseProblem(await app.send({ method, url, headers })).code, operationId).toBe("credentials_ambiguous");
  }
  const other = await signIn(app);
  for (const cookie of [`${session.cookie}; ${other.cookie}`, [session.cookie, other.cookie]]) {
    const answer = await app.send({ method: "GET", url: "/v2/me", headers: { cookie } });
    expect(parseProblem(answer).code).toBe("credentials_ambiguous");
  }
});

test.for([
  ["without the prefix that keeps subdomains from planting it", (cookie: string) => cookie.replace("__Host-", "")],
  ["in another case", (cookie: string) => cookie.replace("__Host-", "__HOST-")],
  ["with a character exchanged", (cookie: string) => cookie.slice(0, -1) + (cookie.endsWith("A") ? "B" : "A")],
  ["as a token of the API", (_: string, app: TestApp) => `__Host-orgtokens-session=${app.adminToken}`],
  ["with its hash instead of the secret", (_: string, app: TestApp) => hashCookie(app)],
] as const)("a session cookie %s is no session", async ([, spoil]) => {
  const app = await createTestApp();
  const { cookie } = await signIn(app);
  const answer = await app.send({ method: "GET", url: "/v2/me", headers: { cookie: spoil(cookie, app) } });
  expect(answer.status).toBe(401);
});

test("cookies of others do not disturb, whatever they hold", async () => {
  const app = await createTestApp();
  const { cookie } = await signIn(app);
  for (const header of [`a=b; ${cookie}; c`, `=; ${cookie}`, `x=__Host-orgtokens-session=y;${cookie}`]) {
    expect((await app.send({ method: "GET", url: "/v2/me", headers: { cookie: header } })).status, header).toBe(200);
  }
});

test("X-Forwarded-For counts from a trusted proxy only, and then the address the proxy saw", async () => {
  const headersOf = (value: string | string[]) => ({ "x-forwarded-for": value });
  const ipAfter = async (app: TestApp, headers: Readonly<Record<string, string | string[]>>, from: string) => {
    const { id, token } = await buildToken(app);
    // The first use of a token is noted before it is answered.
    await app.send({ method: "GET", url: "/v2/me", headers: { "x-api-key": token, ...headers }, from });
    return (await app.call("getApiToken", { id })).lastUsedIp;
  };
  const alone = await createTestApp();
  expect(await ipAfter(alone, headersOf("203.0.113.9"), "198.51.100.7")).toBe("198.51.100.7");
  for (const [value, from, expected] of [
    ["203.0.113.9", "10.0.0.1", "203.0.113.9"],
    ["1.2.3.4, 203.0.113.9", "10.0.0.1", "203.0.113.9"],
    [["1.2.3.4", "203.0.113.9"], "10.0.0.1", "203.0.113.9"],
    ["1.2.3.4", "198.51.100.7", "198.51.100.7"],
    ["<script>", "10.0.0.1", "10.0.0.1"],
  ] as const) {
    const app = await createTestApp({ trustedProxies: ["10.0.0.0/8"] });
    expect(await ipAfter(app, headersOf(typeof value === "string" ? value : [...value]), from), `${value}`).toBe(
      expected,
    );
  }
});

test("the Host of a request changes nothing that is sent to people", async () => {
  const app = await createTestApp();
  const headers = { host: "evil.example", "x-forwarded-host": "evil.example", "content-type": "application/json" };
  const payload = JSON.stringify({ email: "grace@test.example", role: "developer" });
  const answer = await app.send({
    method: "POST",
    url: "/v2/users",
    headers: { ...headers, "x-api-key": app.adminToken },
    payload,
  });
  expect(answer.headers["location"]).toMatch(/^\/v2\/users\/[0-9a-f]{24}$/);
  expect(JSON.stringify(app.contents()["mail"])).not.toContain("evil");
});

function hashCookie(app: TestApp): string {
  const [session] = (app.contents()["sessions"] ?? []) as { readonly sha256: string }[];
  return `__Host-orgtokens-session=${session?.sha256}`;
}
