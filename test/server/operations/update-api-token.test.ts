import { expect, test } from "vitest";
import { changesNothing, createTestApp } from "../../support/app.ts";
import { authenticate, buildToken } from "../../support/builders.ts";

test("a change is answered and stored, and what it leaves out stays", async () => {
  const app = await createTestApp();
  const { token, warnings: _, ...before } = await buildToken(app, { description: "old", managedBy: "infra/prod" });
  const changed = await app.call("updateApiToken", { id: before.id, body: { label: "Nightly build" } });
  expect(changed).toEqual({ ...before, label: "Nightly build", version: changed.version });
  expect(await app.call("getApiToken", { id: before.id })).toEqual(changed);
  expect(await authenticate(app, token)).toBe("accepted");
});

test("null clears description, owner namespace and expiry", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app, { description: "old", managedBy: "infra/prod", expiresInSeconds: 60 });
  const body = { description: null, managedBy: null, expiresAt: null };
  expect(await app.call("updateApiToken", { id, body })).toMatchObject(body);
  app.clock.advance({ days: 1 });
  expect((await app.call("getApiToken", { id })).status).toBe("active");
});

test("a new expiry counts from now", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  app.clock.advance({ minutes: 1 });
  const changed = await app.call("updateApiToken", { id, body: { expiresInSeconds: 60 } });
  expect(changed.expiresAt).toBe("2026-11-23T09:02:00.000Z");
  app.clock.advance({ minutes: 1 });
  expect(await authenticate(app, token)).toBe("authentication_expired");
});

test.for([
  ["nothing", {}, "/body", "fields_missing"],
  ["the role", { role: "admin" }, "/body/role", "field_unknown"],
  ["the destination", { destination: "vault://a/b" }, "/body/destination", "field_unknown"],
  ["the secret", { token: "x" }, "/body/token", "field_unknown"],
  ["the label to null", { label: null }, "/body/label", "type_wrong"],
  ["the expiry to the past", { expiresAt: "2026-11-23T09:00:00Z" }, "/body/expiresAt", "value_too_small"],
] as const)("a change of %s is refused with its place", async ([, body, pointer, code]) => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  const problem = await changesNothing(app, () => app.refused("updateApiToken", { id, body }));
  expect(problem).toMatchObject({ code: "request_invalid", errors: [{ pointer, code }] });
});
