import { expect, test } from "vitest";
import { createTestApp } from "../../support/app.ts";
import {
  buildAdminToken,
  buildExpiredToken,
  buildOtherOrganization,
  buildPendingToken,
  buildRevokedToken,
  buildToken,
} from "../../support/builders.ts";
import { createCollector, createTestWorker } from "../../support/mail.ts";
import { failing } from "../../support/mail-queue.ts";

test("what became of each mail about a token is shown, newest first, by kind and recipient", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  await createTestWorker(app, createCollector()).worker.deliverDue();
  app.clock.advance({ minutes: 1 });
  await app.call("revokeApiToken", { id });
  await createTestWorker(app, failing("deferred")).worker.deliverDue();
  const { mail, nextCursor } = await app.call("listApiTokenMail", { id });
  const shared = { id: expect.any(String), recipient: app.adminEmail, attempts: 1 };
  expect(mail).toEqual([
    {
      ...shared,
      kind: "api_token_revoked",
      status: "queued",
      lastError: "Not now.",
      created: "2026-11-23T09:01:00.000Z",
      finished: null,
    },
    {
      ...shared,
      kind: "api_token_generated",
      status: "sent",
      lastError: null,
      created: "2026-11-23T09:00:00.000Z",
      finished: "2026-11-23T09:00:00.000Z",
    },
  ]);
  expect(nextCursor).toBeNull();
});

test("a walk by cursor shows each mail once", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  for (let round = 0; round < 4; round += 1) {
    app.clock.advance({ minutes: 1 });
    await app.call("rotateApiToken", { id, body: {} });
  }
  const seen: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query: Record<string, string | number> = { limit: 2, ...(cursor === "" ? {} : { cursor }) };
    const page: { mail: readonly { id: string }[]; nextCursor: string | null } = await app.call("listApiTokenMail", {
      id,
      query,
    });
    expect(page.mail.length).toBeLessThanOrEqual(2);
    seen.push(...page.mail.map((mail) => mail.id));
    cursor = page.nextCursor;
  }
  expect(seen).toHaveLength(5);
  expect(seen).toEqual(seen.toSorted().reverse());
});

test("mail is shown of tokens in every state, and a pending token has none", async () => {
  const app = await createTestApp();
  const kinds = async (id: string) => (await app.call("listApiTokenMail", { id })).mail.map(({ kind }) => kind);
  expect(await kinds((await buildRevokedToken(app)).id)).toEqual(["api_token_revoked", "api_token_generated"]);
  expect(await kinds((await buildExpiredToken(app)).id)).toEqual(["api_token_generated"]);
  expect(await kinds((await buildPendingToken(app)).id)).toEqual([]);
});

test("only admins see mail, and only of tokens of their organization", async () => {
  const app = await createTestApp();
  const { id } = await buildAdminToken(app);
  const developer = await buildToken(app);
  const other = await buildOtherOrganization(app);
  expect((await app.refused("listApiTokenMail", { id, token: developer.token })).code).toBe("role_insufficient");
  expect((await app.refused("listApiTokenMail", { id, token: null })).code).toBe("authentication_missing");
  const refused = [id, "0199f3a1b2c40d5e6f708192"].map(async (asked) => {
    const { requestId: _, ...problem } = await app.refused("listApiTokenMail", { id: asked, token: other.adminToken });
    return problem;
  });
  const [ours, nobodys] = await Promise.all(refused);
  expect(ours).toEqual(nobodys);
  expect(ours?.code).toBe("api_token_not_found");
});

test.for([
  [{ limit: 0 }, "/query/limit", "value_too_small"],
  [{ limit: 101 }, "/query/limit", "value_too_large"],
  [{ limit: "many" }, "/query/limit", "type_wrong"],
  [{ cursor: "next" }, "/query/cursor", expect.any(String)],
  [{ page: 1 }, "/query/page", "field_unknown"],
] as const)("a list of mail with %j is refused with its place", async ([query, pointer, code]) => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  const { errors } = await app.refused("listApiTokenMail", { id, query });
  expect(errors).toContainEqual(expect.objectContaining({ pointer, code }));
});
