import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createTestApp, parseProblem, type TestApp, type TestCall } from "../../support/app.ts";
import { buildOtherOrganization, buildToken } from "../../support/builders.ts";
import type { TrailEvent } from "../../support/trail.ts";

async function exported(app: TestApp, call: TestCall = {}): Promise<readonly TrailEvent[]> {
  const answer = await app.answer("exportAuditEvents", call);
  expect(answer.status, answer.text).toBe(200);
  expect(answer.headers["content-type"]).toBe("application/jsonl");
  const lines = answer.text.split("\n");
  expect(lines.pop()).toBe("");
  return lines.map((line) => JSON.parse(line) as TrailEvent);
}

test("an export is a line for each event, oldest first, over more than one page", async () => {
  const app = await createTestApp();
  await app.database.transact(async (stores) => {
    const [event] = await stores.auditEvents.listAuditEvents(organizationOf(app), {}, { limit: 1 });
    for (let count = 0; count < 1100; count += 1) {
      const id = count.toString(16).padStart(24, "0") as typeof app.organizationId;
      await stores.auditEvents.appendAuditEvent({ ...event, id, action: "api_token.created", target: null } as never);
    }
  });
  const events = await exported(app);
  expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 1103 }, (_, index) => index + 1));
});

test("the chain of an export can be computed again from its lines and the organization's id", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app, { label: "CI \u2713", description: "a\nb" });
  await app.call("updateApiToken", { id, body: { label: "Nightly" } });
  await app.call("revokeApiToken", { id });
  let previous = "0".repeat(64);
  for (const event of await exported(app)) {
    expect(event.previousHash).toBe(previous);
    const { actor, target } = event;
    const covered = [
      previous,
      app.organizationId,
      event.sequence,
      event.id,
      Date.parse(event.at),
      event.action,
      event.outcome,
      actor.type,
      actor.id,
      actor.label,
      target?.type ?? null,
      target?.id ?? null,
      target?.label ?? null,
      event.ip,
      event.userAgent,
      event.requestId,
      event.before === null ? null : JSON.stringify(event.before),
      event.after === null ? null : JSON.stringify(event.after),
    ];
    previous = createHash("sha256").update(JSON.stringify(covered)).digest("hex");
    expect(event.hash).toBe(previous);
  }
});

test("an export keeps to its filters and to the caller's organization", async () => {
  const app = await createTestApp();
  const other = await buildOtherOrganization(app);
  const { id } = await buildToken(app);
  await app.call("revokeApiToken", { id });
  expect(await exported(app, { query: { targetId: id, action: "api_token.revoked" } })).toHaveLength(1);
  const theirs = await exported(app, { token: other.adminToken });
  expect(theirs.map(({ target }) => target?.label)).toEqual(["Other Ltd", other.adminEmail, "First Admin token"]);
  expect((await app.refused("exportAuditEvents", { query: { from: "yesterday" } })).code).toBe("request_invalid");
  const { token } = await buildToken(app);
  expect((await app.refused("exportAuditEvents", { token })).code).toBe("role_insufficient");
});

test("a database that is away is a problem, and not half an answer", async () => {
  const app = await createTestApp({
    wrap: (database) => {
      const listAuditEventsForward = () => Promise.reject(new Error("the database is away"));
      const auditEvents = { ...database.stores.auditEvents, listAuditEventsForward };
      return { ...database, stores: { ...database.stores, auditEvents } };
    },
  });
  expect(parseProblem(await app.answer("exportAuditEvents")).code).toBe("service_unavailable");
});

function organizationOf(app: TestApp): Parameters<TestApp["database"]["stores"]["auditEvents"]["listAuditEvents"]>[0] {
  return app.organizationId as ReturnType<typeof organizationOf>;
}
