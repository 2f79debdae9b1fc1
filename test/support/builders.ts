import { randomBytes } from "node:crypto";
import { createOrganization } from "../../server/create-organization.ts";
import { createTokenIssuer } from "../../server/domain/token-text.ts";
import type { Schema } from "../../server/operations/operation.ts";
import type { TestApp } from "./app.ts";

/** A token with its full text, as its creation answered. */
export type Created = Schema<"CreatedApiToken">;

/** Generates a token: an active Developer token with a label of its own unless `overrides` say otherwise. */
export function buildToken(app: TestApp, overrides: Partial<Schema<"CreateApiTokenRequest">> = {}): Promise<Created> {
  const body = { label: `Token ${randomBytes(4).toString("hex")}`, role: "developer", ...overrides };
  return app.call("createApiToken", { body });
}

/** Generates an active Admin token. */
export function buildAdminToken(app: TestApp): Promise<Created> {
  return buildToken(app, { role: "admin" });
}

/** Generates a token that waits for its activation. */
export function buildPendingToken(
  app: TestApp,
  overrides: Partial<Schema<"CreateApiTokenRequest">> = {},
): Promise<Created> {
  return buildToken(app, { activation: "deferred", ...overrides });
}

/** Generates a token and revokes it. */
export async function buildRevokedToken(app: TestApp): Promise<Created> {
  const created = await buildToken(app);
  await app.call("revokeApiToken", { id: created.id });
  return created;
}

/** Generates a token and lets it expire. The clock advances by a minute. */
export async function buildExpiredToken(app: TestApp): Promise<Created> {
  const created = await buildToken(app, { expiresInSeconds: 60 });
  app.clock.advance({ seconds: 60 });
  return created;
}

/** Generates a token and replaces its secret without a grace period: `token` is retired, `replacement` is current. */
export async function buildRetiredToken(app: TestApp): Promise<Created & { readonly replacement: string }> {
  const created = await buildToken(app);
  const rotated = await app.call("rotateApiToken", { id: created.id, body: { gracePeriodSeconds: 0 } });
  return { ...created, replacement: rotated.token };
}

/** A well-formed token that no organization has. */
export function buildUnknownToken(): string {
  return createTokenIssuer(randomBytes)().text;
}

/** A second organization in the same database, with its admin and an Admin token. */
export async function buildOtherOrganization({ database, clock }: TestApp) {
  const other = { organization: "Other Ltd", adminEmail: "eve@other.example", place: "another" } as const;
  const { token, ...created } = await createOrganization(database, other, { clock, randomBytes });
  return { ...created, adminToken: token };
}

/** What a token is worth to whoever it is presented to: "active", or why not. Counts as a use. */
export async function verify(app: TestApp, token: string): Promise<string> {
  const { active, reason } = await app.call("verifyApiToken", { body: { token } });
  return active ? "active" : String(reason);
}

/** Whether a token authenticates: "accepted", or the problem code. */
export async function authenticate(app: TestApp, token: string): Promise<string> {
  const answer = await app.answer("getMe", { token });
  const body: unknown = JSON.parse(answer.text);
  return typeof body === "object" && body !== null && "code" in body ? String(body.code) : "accepted";
}
