import { expect, test } from "vitest";
import { changesNothing, createTestApp, type TestApp } from "../../support/app.ts";
import { authenticate, buildOtherOrganization, buildToken } from "../../support/builders.ts";
import { buildLink, buildSignedIn, buildUser, signIn } from "../../support/people.ts";

async function firstAdmin(app: TestApp) {
  const { users } = await app.call("listUsers", { query: { limit: 100 } });
  const user = users.find(({ email }) => email === app.adminEmail);
  if (user === undefined) throw new Error("the first admin is gone");
  return user;
}

test("who is invited is listed as invited, by whom, gets one mail with a link, and is active once signed in", async () => {
  const app = await createTestApp();
  const invited = await app.call("inviteUser", { body: { email: "Grace@Test.example", role: "developer" } });
  expect(invited).toMatchObject({
    email: "grace@test.example",
    role: "developer",
    status: "invited",
    invitedBy: app.adminEmail,
    lastSignedIn: null,
  });
  expect(await app.call("getUser", { id: invited.id })).toEqual(invited);
  const mail = app.contents()["mail"]?.filter((row) => JSON.stringify(row).includes('"invitation"')) as {
    recipient: string;
    one_time_path: string;
  }[];
  expect(mail).toMatchObject([{ recipient: "grace@test.example" }]);
  const linkToken = mail[0]?.one_time_path.split("#")[1];
  await app.call("createSession", { token: null, body: { linkToken } });
  expect(await app.call("getUser", { id: invited.id })).toMatchObject({
    status: "active",
    lastSignedIn: "2026-11-23T09:00:00.000Z",
  });
});

test("inviting again mails a fresh link, and the one before stops working", async () => {
  const app = await createTestApp();
  const { id, email } = await buildUser(app, "admin");
  const before = await buildLink(app, email, "invitation");
  expect((await app.call("inviteUser", { body: { email, role: "admin" } })).id).toBe(id);
  expect((await app.refused("createSession", { token: null, body: { linkToken: before } })).code).toBe(
    "sign_in_link_invalid",
  );
});

test("who has signed in, or was invited for another role, exists", async () => {
  const app = await createTestApp();
  const { email } = await buildUser(app, "developer");
  await changesNothing(app, async () => {
    expect((await app.refused("inviteUser", { body: { email, role: "admin" } })).code).toBe("user_exists");
  });
  await signIn(app, email);
  expect((await app.refused("inviteUser", { body: { email, role: "developer" } })).code).toBe("user_exists");
});

test("two invitations of one address at once make one user", async () => {
  const app = await createTestApp();
  const body = { email: "grace@test.example", role: "developer" };
  const [one, two] = await Promise.all([app.call("inviteUser", { body }), app.call("inviteUser", { body })]);
  expect(one.id).toBe(two.id);
  expect((await app.call("listUsers")).total).toBe(2);
});

test("users are paged by number and by cursor, newest first", async () => {
  const app = await createTestApp();
  for (let count = 0; count < 4; count += 1) await buildUser(app);
  const all = await app.call("listUsers");
  expect(all).toMatchObject({ total: 5, nextPage: null, nextCursor: null });
  const first = await app.call("listUsers", { query: { limit: 3 } });
  expect(first.nextPage).toBe(2);
  const second = await app.call("listUsers", { query: { limit: 3, page: 2 } });
  expect([...first.users, ...second.users]).toEqual(all.users);
  const next = await app.call("listUsers", { query: { limit: 3, cursor: first.nextCursor ?? "" } });
  expect(next.users).toEqual(second.users);
  expect((await app.refused("listUsers", { query: { page: 2 } })).code).toBe("page_out_of_range");
});

test("the last admin can be neither demoted nor removed, by token or by themselves", async () => {
  const app = await createTestApp();
  const { id } = await firstAdmin(app);
  await buildUser(app, "developer");
  const session = await signIn(app);
  for (const caller of [{}, { session }]) {
    await changesNothing(app, async () => {
      const demoted = await app.refused("updateUser", { ...caller, id, body: { role: "developer" } });
      expect(demoted.code).toBe("last_admin");
      expect((await app.refused("removeUser", { ...caller, id })).code).toBe("last_admin");
    });
  }
});

test("of two admins who demote or remove each other at once, one remains", async () => {
  for (const act of ["updateUser", "removeUser"] as const) {
    const app = await createTestApp();
    const replica = await createTestApp({ beside: app });
    const [one, two] = [await firstAdmin(app), await buildUser(app, "admin")];
    const body = act === "updateUser" ? { body: { role: "developer" } } : {};
    const answers = await Promise.all([
      app.answer(act, { id: one.id, ...body }),
      replica.answer(act, { id: two.id, ...body }),
    ]);
    expect(
      answers.filter(({ status }) => status === 409),
      act,
    ).toHaveLength(1);
    const { users } = await app.call("listUsers");
    expect(
      users.filter(({ role }) => role === "admin"),
      act,
    ).toHaveLength(1);
  }
});

test("a removed user's tokens keep working and still show who made them; sessions and links end at once", async () => {
  const app = await createTestApp();
  const { id, email, session } = await buildSignedIn(app, "admin");
  const made = await app.call("createApiToken", { session, body: { label: "CI", role: "developer" } });
  const linkToken = await buildLink(app, email);
  await app.call("removeUser", { id });
  expect(await authenticate(app, made.token)).toBe("accepted");
  expect((await app.call("getApiToken", { id: made.id })).createdBy).toBe(email);
  expect((await app.refused("getSession", { session })).code).toBe("session_ended");
  expect((await app.refused("createSession", { token: null, body: { linkToken } })).code).toBe("sign_in_link_invalid");
  expect((await app.refused("getUser", { id })).code).toBe("user_not_found");
  expect((await app.call("inviteUser", { body: { email, role: "developer" } })).id).not.toBe(id);
});

test("a changed role counts from the next request of every session on", async () => {
  const app = await createTestApp();
  const { id, session } = await buildSignedIn(app, "admin");
  expect((await app.call("listUsers", { session })).total).toBe(2);
  await app.call("updateUser", { id, body: { role: "developer" } });
  expect((await app.refused("listUsers", { session })).code).toBe("role_insufficient");
  expect((await app.call("getMe", { session })).type).toBe("user");
  await app.call("updateUser", { id, body: { role: "admin" } });
  expect((await app.call("listUsers", { session })).total).toBe(2);
});

test("another organization's user is not found, and an address may belong to several organizations", async () => {
  const app = await createTestApp();
  const { adminToken: token } = await buildOtherOrganization(app);
  const ours = await buildUser(app);
  for (const operationId of ["getUser", "updateUser", "removeUser"] as const) {
    const body = operationId === "updateUser" ? { body: { role: "admin" } } : {};
    expect((await app.refused(operationId, { token, id: ours.id, ...body })).code).toBe("user_not_found");
  }
  const theirs = await app.call("inviteUser", { token, body: { email: ours.email, role: "admin" } });
  expect(theirs.id).not.toBe(ours.id);
  expect((await app.call("listUsers", { token })).users.map(({ id }) => id)).not.toContain(ours.id);
});

test.for([
  ["no address", { email: "grace", role: "developer" }, "/body/email", "format_wrong"],
  ["an address with a line break", { email: "a@b.example\nbcc: x", role: "developer" }, "/body/email", "format_wrong"],
  ["an unknown role", { email: "a@b.example", role: "owner" }, "/body/role", "value_unknown"],
  ["an unknown field", { email: "a@b.example", role: "admin", id: "1" }, "/body/id", "field_unknown"],
] as const)("an invitation with %s is refused with its place", async ([, body, pointer, code]) => {
  const app = await createTestApp();
  const problem = await changesNothing(app, () => app.refused("inviteUser", { body }));
  expect(problem.errors).toMatchObject([{ pointer, code }]);
});

test("every change to people is recorded with who did it and what changed", async () => {
  const app = await createTestApp();
  const session = await signIn(app);
  const { id } = await app.call("inviteUser", { session, body: { email: "grace@test.example", role: "developer" } });
  await app.call("updateUser", { session, id, body: { role: "admin" } });
  await app.call("removeUser", { session, id });
  const events = (app.contents()["audit_events"] ?? []) as Record<string, unknown>[];
  expect(events.slice(-4).map(({ action, actor_label: by, before, after }) => [action, by, before, after])).toEqual([
    ["session.created", app.adminEmail, null, expect.stringContaining('"way":"sign_in_link"')],
    ["user.invited", app.adminEmail, null, '{"email":"grace@test.example","role":"developer"}'],
    ["user.updated", app.adminEmail, '{"role":"developer"}', '{"role":"admin"}'],
    ["user.removed", app.adminEmail, '{"email":"grace@test.example","role":"admin"}', null],
  ]);
});

test("a developer who is signed in may see who they are and their sessions, and nothing of the organization's", async () => {
  const app = await createTestApp();
  const { session } = await buildSignedIn(app, "developer");
  const { token } = await buildToken(app);
  for (const operationId of ["listUsers", "listApiTokens", "getOrganizationPolicy", "listAuditEvents"] as const) {
    expect((await app.refused(operationId, { session })).code, operationId).toBe("role_insufficient");
    expect((await app.refused(operationId, { token })).code, operationId).toBe("role_insufficient");
  }
  expect((await app.call("listSessions", { session })).sessions).toHaveLength(1);
});
