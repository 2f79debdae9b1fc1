import { expect, test } from "vitest";
import { createTestApp } from "../../support/app.ts";
import { buildLink, readSetCookie } from "../../support/people.ts";

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
