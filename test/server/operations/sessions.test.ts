import { expect, test } from "vitest";
import { linkLifetimeMs } from "../../../server/domain/sign-in.ts";
import { createTestApp, parseProblem, type TestApp, type TestSession } from "../../support/app.ts";
import { buildAdminToken } from "../../support/builders.ts";
import { eventually } from "../../support/clock.ts";
import { buildLink, buildSignedIn, buildUser, readSession, readSetCookie, signIn } from "../../support/people.ts";

/** Whether a session still counts: "live", or the problem code. */
async function stateOf(app: TestApp, session: TestSession): Promise<string> {
  const answer = await app.answer("getSession", { session });
  return answer.status === 200 ? "live" : parseProblem(answer).code;
}

test("a link signs in: the session says who, where, and until when", async () => {
  const app = await createTestApp();
  const linkToken = await buildLink(app, app.adminEmail);
  const answer = await app.answer("createSession", { token: null, body: { linkToken } });
  const created = JSON.parse(answer.text);
  expect(created).toMatchObject({
    user: { email: app.adminEmail, role: "admin" },
    organization: { id: app.organizationId, name: "Test Ltd" },
    created: "2026-11-23T09:00:00.000Z",
    idleExpiresAt: "2026-11-23T17:00:00.000Z",
    expiresAt: "2026-11-30T09:00:00.000Z",
    returnTo: "/organization/api-tokens",
  });
  const session = { cookie: readSetCookie(answer), csrfToken: created.csrfToken };
  const { returnTo: _, ...same } = created;
  expect(await app.call("getSession", { session })).toEqual(same);
  expect(await app.call("getMe", { session })).toEqual({ type: "user", user: created.user });
  expect(await app.call("getOrganization", { session })).toMatchObject({ name: "Test Ltd" });
  expect((await app.call("listApiTokens", { session })).total).toBe(1);
});

test.for([
  ["https://tokens.test.example", /^__Host-orgtokens-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure; /],
  ["http://127.0.0.1:8080", /^orgtokens-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Expires=/],
] as const)(
  "the cookie of %s is for this host, out of reach of scripts and of other sites",
  async ([publicUrl, form]) => {
    const app = await createTestApp({ publicUrl });
    const linkToken = await buildLink(app, app.adminEmail);
    const answer = await app.answer("createSession", { token: null, body: { linkToken } });
    expect(answer.headers["set-cookie"]).toMatch(form);
    expect(await stateOf(app, readSession(answer))).toBe("live");
  },
);

test("neither the secret of a session nor the one of a link is stored", async () => {
  const app = await createTestApp();
  const linkToken = await buildLink(app, app.adminEmail);
  const { cookie, csrfToken } = readSession(await app.answer("createSession", { token: null, body: { linkToken } }));
  const kept = JSON.stringify(app.contents()) + app.log();
  for (const secret of [linkToken, cookie.split("=")[1] ?? "", csrfToken]) expect(kept).not.toContain(secret);
});

test("a link works once, also when it is used twice at once", async () => {
  const app = await createTestApp();
  const linkToken = await buildLink(app, app.adminEmail);
  const use = () => app.answer("createSession", { token: null, body: { linkToken } });
  const answers = await Promise.all([use(), use(), use()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
  expect(parseProblem(await use()).code).toBe("sign_in_link_invalid");
  expect(app.allContents()["audit_events"]?.at(-1)).toMatchObject({ action: "sign_in.refused", outcome: "refused" });
});

test("an old link does not fill the trail, however often it is used", async () => {
  const app = await createTestApp();
  const linkToken = await buildLink(app, app.adminEmail);
  await app.call("createSession", { token: null, body: { linkToken } });
  for (let count = 0; count < 6; count += 1) await app.refused("createSession", { token: null, body: { linkToken } });
  const events = await app.call("listAuditEvents", { query: { outcome: "refused", action: "sign_in.refused" } });
  expect(events.events).toHaveLength(3);
});

test.for(["sign_in", "invitation", "first_sign_in"] as const)("a link for %s ends with its time", async (purpose) => {
  const app = await createTestApp();
  const { email } = await buildUser(app);
  const [late, early] = [await buildLink(app, email, purpose), await buildLink(app, email, purpose)];
  app.clock.advance({ milliseconds: linkLifetimeMs[purpose] - 1 });
  await app.call("createSession", { token: null, body: { linkToken: early } });
  app.clock.advance({ milliseconds: 1 });
  const problem = await app.refused("createSession", { token: null, body: { linkToken: late } });
  expect(problem.code).toBe("sign_in_link_invalid");
});

test("signing in ends every other link of the user, and the session that the browser had before", async () => {
  const app = await createTestApp();
  const other = await buildLink(app, app.adminEmail);
  const before = await signIn(app);
  expect((await app.refused("createSession", { token: null, body: { linkToken: other } })).code).toBe(
    "sign_in_link_invalid",
  );
  const linkToken = await buildLink(app, app.adminEmail);
  const answer = await app.send({
    method: "POST",
    url: "/v2/session",
    headers: { cookie: before.cookie, "content-type": "application/json" },
    payload: JSON.stringify({ linkToken }),
  });
  expect(readSession(answer).cookie).not.toBe(before.cookie);
  expect(await stateOf(app, before)).toBe("session_ended");
  const { events } = await app.call("listAuditEvents", { query: { action: "session.revoked" } });
  expect(events).toMatchObject([{ actor: { label: app.adminEmail }, before: { session: expect.any(String) } }]);
});

test("a session ends after eight hours without a request, and after seven days whatever comes", async () => {
  const app = await createTestApp();
  const [idle, busy] = [await signIn(app), await signIn(app)];
  app.clock.advance({ minutes: 8 * 60 - 1 });
  expect(await stateOf(app, busy)).toBe("live");
  app.clock.advance({ minutes: 1 });
  expect(await stateOf(app, idle)).toBe("session_ended");
  for (let hours = 8; hours + 7 < 7 * 24; hours += 7) {
    app.clock.advance({ minutes: 7 * 60 });
    expect(await stateOf(app, busy)).toBe("live");
  }
  app.clock.advance({ minutes: 7 * 60 });
  expect(await stateOf(app, busy)).toBe("session_ended");
});

test("the last request of a session is noted at most once a minute, and never set back", async () => {
  const app = await createTestApp();
  const session = await signIn(app);
  const lastSeen = async () => (await app.call("listSessions", { session })).sessions[0]?.lastSeen;
  app.clock.advance({ seconds: 59 });
  expect(await lastSeen()).toBe("2026-11-23T09:00:00.000Z");
  app.clock.advance({ seconds: 1 });
  await app.call("getSession", { session });
  expect(await lastSeen()).toBe("2026-11-23T09:01:00.000Z");
  app.clock.advance({ minutes: -30 });
  await app.call("getSession", { session });
  app.clock.advance({ minutes: 30 });
  expect(await lastSeen()).toBe("2026-11-23T09:01:00.000Z");
});

test("users see their own sessions only, and end each of them at once, on every replica", async () => {
  const app = await createTestApp();
  const replica = await createTestApp({ beside: app });
  const [here, there] = [await signIn(app), await signIn(app)];
  const stranger = await buildSignedIn(app, "developer");
  const { sessions } = await app.call("listSessions", { session: here });
  expect(sessions.map(({ current }) => current)).toEqual([false, true]);
  const id = sessions[0]?.id ?? "";
  expect((await app.refused("revokeSession", { session: stranger.session, id })).code).toBe("session_not_found");
  expect(await stateOf(replica, there)).toBe("live");
  await app.call("revokeSession", { session: here, id });
  expect(await stateOf(replica, there)).toBe("session_ended");
  await app.call("signOut", { session: here });
  expect(await stateOf(replica, here)).toBe("session_ended");
  expect(await stateOf(replica, stranger.session)).toBe("live");
});

test("signing out and an ended session clear the cookie", async () => {
  const app = await createTestApp();
  const session = await signIn(app);
  expect((await app.answer("signOut", { session })).headers["set-cookie"]).toContain("session=; Path=/");
  const ended = await app.answer("getSession", { session });
  expect(ended.status).toBe(401);
  expect(ended.headers["set-cookie"]).toContain("Max-Age=0");
});

test("asking for a link answers the same whether anybody has the address or not, and mails only who has", async () => {
  const app = await createTestApp();
  const ask = (email: string) =>
    app.answer("requestSignInLink", { token: null, body: { email, returnTo: "/organization/audit" } });
  const [known, unknown] = [await ask("ADA@test.example"), await ask("nobody@test.example")];
  const shape = ({ status, text, headers: { "x-request-id": _, date: __, ...headers } }: typeof known) => ({
    status,
    text,
    headers,
  });
  expect(shape(known)).toEqual(shape(unknown));
  expect(known).toMatchObject({ status: 202, text: "" });
  const mail = await eventually(() => sentLinks(app)[0]);
  expect(mail).toMatchObject({ kind: "sign_in_link", recipient: "ada@test.example" });
  const linkToken = mail.one_time_path?.split("#")[1] ?? "";
  expect(await app.call("createSession", { token: null, body: { linkToken } })).toMatchObject({
    returnTo: "/organization/audit",
  });
  expect(sentLinks(app)).toHaveLength(1);
});

test("links are limited by address of the mail and by address of the caller, alike for known and unknown ones", async () => {
  const app = await createTestApp();
  const ask = async (email: string, from: string) => {
    const payload = JSON.stringify({ email });
    const headers = { "content-type": "application/json" };
    return (await app.send({ method: "POST", url: "/v2/sign-in/links", headers, payload, from })).status;
  };
  for (const email of ["ada@test.example", "nobody@test.example"]) {
    for (let count = 0; count < 5; count += 1) expect(await ask(email, `192.0.2.${count}`)).toBe(202);
    expect(await ask(email, "192.0.2.99")).toBe(429);
  }
  for (let count = 0; count < 20; count += 1) expect(await ask(`u${count}@test.example`, "198.51.100.1")).toBe(202);
  expect(await ask("u20@test.example", "198.51.100.1")).toBe(429);
});

test("a token never becomes a session, and gets at nobody's sessions", async () => {
  const app = await createTestApp();
  const { token } = await buildAdminToken(app);
  const linkToken = await buildLink(app, app.adminEmail);
  expect((await app.refused("createSession", { token, body: { linkToken } })).code).toBe("credentials_ambiguous");
  expect(app.contents()["sessions"]).toEqual([]);
  for (const operationId of ["getSession", "listSessions", "signOut", "revokeSession"] as const) {
    const problem = await app.refused(operationId, { token, id: "0199f3a1b2c40d5e6f708192" });
    expect(problem.code, operationId).toBe("session_required");
  }
  await app.call("createSession", { token: null, body: { linkToken } });
});

type SentLink = { readonly kind: string; readonly recipient: string; readonly one_time_path: string | null };

function sentLinks(app: TestApp): readonly SentLink[] {
  const mail = (app.contents()["mail"] ?? []) as readonly SentLink[];
  return mail.filter(({ kind }) => kind === "sign_in_link");
}
