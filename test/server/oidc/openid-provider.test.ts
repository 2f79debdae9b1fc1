import { expect, test } from "vitest";
import type { IdentityProvider } from "../../../server/domain/identity-provider.ts";
import { createOpenIdProvider } from "../../../server/oidc/openid-provider.ts";
import { createTestApp, parseProblem, type TestAnswer, type TestApp } from "../../support/app.ts";
import { startOpenIdProvider, type TestProvider } from "../../support/openid-provider.ts";
import { buildUser, readSetCookies } from "../../support/people.ts";

const publicUrl = "https://tokens.test.example";
const redirectUri = `${publicUrl}/sign-in/oidc/callback`;

type Bench = { readonly app: TestApp; readonly provider: TestProvider };

async function createBench(change: (provider: IdentityProvider) => IdentityProvider = (same) => same): Promise<Bench> {
  const provider = await startOpenIdProvider(redirectUri);
  const { issuer, clientId, clientSecret } = provider;
  const identityProvider = createOpenIdProvider({
    issuer,
    clientId,
    clientSecret,
    name: "Test SSO",
    publicUrl: () => publicUrl,
  });
  const app = await createTestApp({ identityProvider: change(identityProvider) });
  return { app, provider };
}

/** What a browser holds after it was sent to the provider: where it goes, and the attempt's cookie. */
async function begin({ app }: Bench, query: Readonly<Record<string, string>> = {}) {
  const answer = await app.answer("startOidcSignIn", { token: null, query });
  expect(answer.status, answer.text).toBe(303);
  return { location: answer.headers["location"] ?? "", cookie: readSetCookies(answer)[0] ?? "" };
}

/** Comes back from the provider. */
function comeBack({ app }: Bench, location: string, cookie: string, accept = "*/*"): Promise<TestAnswer> {
  const { pathname, search } = new URL(location);
  return app.send({ method: "GET", url: pathname + search, headers: { cookie, accept } });
}

/** The whole way through the provider. */
async function signIn(bench: Bench, query: Readonly<Record<string, string>> = {}): Promise<TestAnswer> {
  const { location, cookie } = await begin(bench, query);
  return comeBack(bench, await bench.provider.visit(location), cookie);
}

function sessionCookieOf(answer: TestAnswer): string {
  return readSetCookies(answer).find((pair) => pair.startsWith("__Host-orgtokens-session=")) ?? "";
}

test("whoever an admin has invited signs in at the provider and lands where they wanted to go", async () => {
  const bench = await createBench();
  expect(await bench.app.call("getSignInWays", { token: null })).toEqual({
    emailLink: true,
    oidc: { name: "Test SSO" },
  });
  const answer = await signIn(bench, { returnTo: "/organization/members?page=2" });
  expect(answer.status, answer.text).toBe(303);
  expect(answer.headers["location"]).toBe("/organization/members?page=2");
  const cookie = sessionCookieOf(answer);
  const session = await bench.app.call("getSession", { session: { cookie, csrfToken: "" } });
  expect(session.user).toMatchObject({ email: "ada@test.example", role: "admin" });
});

test("the browser is sent with PKCE S256, state and nonce, and neither code verifier nor tokens pass through it", async () => {
  const bench = await createBench();
  const { location, cookie } = await begin(bench);
  const asked = new URL(location).searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({
    response_type: "code",
    code_challenge_method: "S256",
    scope: "openid email",
    redirect_uri: redirectUri,
  });
  for (const name of ["state", "nonce", "code_challenge"]) expect(asked.get(name)).toMatch(/^[\w-]{43}$/);
  const back = await bench.provider.visit(location);
  expect([...new URL(back).searchParams.keys()].sort()).toEqual(["code", "iss", "state"]);
  const answer = await comeBack(bench, back, cookie);
  expect(JSON.stringify(answer)).not.toMatch(/eyJ/);
});

test("the address counts whatever its capital letters", async () => {
  const bench = await createBench();
  bench.provider.visitor = { subject: "person-1", email: "ADA@Test.Example", isVerified: true };
  expect((await signIn(bench)).status).toBe(303);
});

test("once signed in, a user is bound to the person at the provider, not to the address", async () => {
  const bench = await createBench();
  await signIn(bench);
  bench.provider.visitor = { subject: "person-1", email: "ada.new@test.example", isVerified: false };
  const renamed = await signIn(bench);
  expect(renamed.headers["location"], renamed.text).toBe("/organization/api-tokens");
  bench.provider.visitor = { subject: "person-2", email: "ada@test.example", isVerified: true };
  const other = parseProblem(await signIn(bench));
  expect(other.code).toBe("sign_in_refused");
  const events = bench.app.allContents()["audit_events"];
  expect(events?.at(-1)).toMatchObject({
    action: "sign_in.refused",
    outcome: "refused",
    target_label: "ada@test.example",
  });
});

test("an address that the provider has not verified signs nobody in", async () => {
  const bench = await createBench();
  bench.provider.visitor = { subject: "person-1", email: "ada@test.example", isVerified: false };
  const answer = await signIn(bench);
  expect(parseProblem(answer)).toMatchObject({ code: "sign_in_refused", status: 403 });
  expect(sessionCookieOf(answer)).toBe("");
});

test("an address that only Unicode takes for somebody's signs nobody in: the Kelvin sign is no k", async () => {
  const bench = await createBench();
  await buildUser(bench.app, "admin", "kim@test.example");
  bench.provider.visitor = { subject: "person-2", email: "\u212Aim@test.example", isVerified: true };
  expect(parseProblem(await signIn(bench)).code).toBe("sign_in_refused");
  bench.provider.visitor = { subject: "person-3", email: "KIM@test.example", isVerified: true };
  expect((await signIn(bench)).headers["location"]).toBe("/organization/api-tokens");
});

test("whom nobody has invited is told so, and no user is created", async () => {
  const bench = await createBench();
  bench.provider.visitor = { subject: "person-9", email: "eve@test.example", isVerified: true };
  const answer = await signIn(bench);
  expect(parseProblem(answer)).toMatchObject({ code: "sign_in_refused", detail: expect.stringContaining("invited") });
  expect((await bench.app.call("listUsers")).total).toBe(1);
});

test("an invited developer becomes active with the role of the invitation, whatever the provider says", async () => {
  const bench = await createBench();
  const { id } = await buildUser(bench.app, "developer", "grace@test.example");
  bench.provider.visitor = { subject: "person-3", email: "grace@test.example", isVerified: true };
  expect((await signIn(bench)).status).toBe(303);
  expect(await bench.app.call("getUser", { id })).toMatchObject({ status: "active", role: "developer" });
});

test("an answer with another state, of another issuer or without an attempt is refused before the code is spent", async () => {
  const bench = await createBench();
  const { location, cookie } = await begin(bench);
  const back = new URL(await bench.provider.visit(location));
  for (const [name, value] of [
    ["state", "x".repeat(43)],
    ["iss", "https://evil.example"],
  ] as const) {
    const forged = new URL(back);
    forged.searchParams.set(name, value);
    expect(parseProblem(await comeBack(bench, forged.href, cookie)).code, name).toBe("sign_in_attempt_invalid");
  }
  for (const name of ["state", "iss"]) {
    const stripped = new URL(back);
    stripped.searchParams.delete(name);
    expect(parseProblem(await comeBack(bench, stripped.href, cookie)).code, name).toBe("sign_in_attempt_invalid");
  }
  expect(parseProblem(await comeBack(bench, back.href, "")).code).toBe("sign_in_attempt_invalid");
  const other = await begin(bench);
  expect(parseProblem(await comeBack(bench, back.href, other.cookie)).code).toBe("sign_in_attempt_invalid");
  expect((await comeBack(bench, back.href, cookie)).status).toBe(303);
});

test("an ID token with another nonce is refused: it was made for another attempt", async () => {
  const bench = await createBench((provider) => ({
    ...provider,
    begin: (attempt) => provider.begin({ ...attempt, nonce: "n".repeat(43) }),
  }));
  expect(parseProblem(await signIn(bench)).code).toBe("sign_in_attempt_invalid");
});

test("a code that was intercepted is worth nothing without the browser's verifier", async () => {
  const bench = await createBench((provider) => ({
    ...provider,
    finish: (answer, attempt) => provider.finish(answer, { ...attempt, codeVerifier: "v".repeat(43) }),
  }));
  expect(parseProblem(await signIn(bench)).code).toBe("sign_in_attempt_invalid");
});

test("an answer that is replayed signs in nobody a second time", async () => {
  const bench = await createBench();
  const { location, cookie } = await begin(bench);
  const back = await bench.provider.visit(location);
  const first = await comeBack(bench, back, cookie);
  expect(first.status).toBe(303);
  expect(readSetCookies(first)).toContain("__Host-orgtokens-sign-in=");
  expect(parseProblem(await comeBack(bench, back, cookie)).code).toBe("sign_in_attempt_invalid");
});

test("who says no at the provider is told so", async () => {
  const bench = await createBench();
  const { location, cookie } = await begin(bench);
  const state = new URL(location).searchParams.get("state") ?? "";
  const query = new URLSearchParams({ error: "access_denied", state, iss: bench.provider.issuer });
  expect(parseProblem(await comeBack(bench, `${redirectUri}?${query}`, cookie)).code).toBe("sign_in_refused");
});

test("a provider that is down is a clear 503, before and after the visit, and links by e-mail still work", async () => {
  const bench = await createBench();
  const { location, cookie } = await begin(bench);
  const back = await bench.provider.visit(location);
  await bench.provider.stop();
  const after = parseProblem(await comeBack(bench, back, cookie));
  expect(after).toMatchObject({ code: "identity_provider_unavailable", status: 503 });
  const fresh = await createTestApp({
    identityProvider: createOpenIdProvider({
      issuer: bench.provider.issuer,
      clientId: "orgtokens",
      clientSecret: undefined,
      name: "Test SSO",
      publicUrl: () => publicUrl,
    }),
  });
  const before = await fresh.refused("startOidcSignIn", { token: null });
  expect(before).toMatchObject({ code: "identity_provider_unavailable", status: 503 });
  await fresh.call("requestSignInLink", { token: null, body: { email: fresh.adminEmail } });
});

test("a person is sent to the sign-in page with the code of the problem instead of being shown JSON", async () => {
  const bench = await createBench();
  const answer = await comeBack(bench, `${redirectUri}?code=x&state=x`, "", "text/html,application/xhtml+xml");
  expect(answer.status).toBe(303);
  expect(answer.headers["location"]).toBe("/sign-in?problem=sign_in_attempt_invalid");
});

test("parameters that a provider adds of its own are ignored, repeated ones are refused", async () => {
  const bench = await createBench();
  const { location, cookie } = await begin(bench);
  const back = new URL(await bench.provider.visit(location));
  back.searchParams.append("session_state", "x");
  const repeated = new URL(back);
  repeated.searchParams.append("code", "other");
  expect(parseProblem(await comeBack(bench, repeated.href, cookie)).code).toBe("request_invalid");
  expect((await comeBack(bench, back.href, cookie)).status).toBe(303);
});

const elsewhere = [
  "https://evil.example/",
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "javascript:alert(1)",
  "organization",
  "",
];

test.for(elsewhere)("going on to '%s' is refused, and never kept", async (returnTo) => {
  const bench = await createBench();
  const problem = await bench.app.refused("startOidcSignIn", { token: null, query: { returnTo } });
  expect(problem).toMatchObject({ code: "request_invalid", errors: [{ pointer: "/query/returnTo" }] });
});

test("a cookie in which the way on was exchanged leads to the default page, not elsewhere", async () => {
  const bench = await createBench();
  for (const path of ["//evil.example", "https://evil.example", "/\\evil.example"]) {
    const { location, cookie } = await begin(bench);
    const forged = `${cookie.split(".")[0]}.${Buffer.from(path).toString("base64url")}`;
    const answer = await comeBack(bench, await bench.provider.visit(location), forged);
    expect(answer.headers["location"], path).toBe("/organization/api-tokens");
  }
});

test("without a provider both addresses say so", async () => {
  const app = await createTestApp();
  expect((await app.refused("startOidcSignIn", { token: null })).code).toBe("identity_provider_missing");
  expect((await app.refused("finishOidcSignIn", { token: null })).code).toBe("identity_provider_missing");
});
