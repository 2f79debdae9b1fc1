import { randomBytes } from "node:crypto";
import type { Role } from "../../server/domain/api-token.ts";
import { createSecretIssuer } from "../../server/domain/secret-text.ts";
import { linkLifetimeMs, type SignInLinkPurpose } from "../../server/domain/sign-in.ts";
import type { Schema } from "../../server/operations/operation.ts";
import { parseSuccess, type TestAnswer, type TestApp, type TestSession } from "./app.ts";

const issueSecret = createSecretIssuer(randomBytes);

/** Invites somebody with an address of its own unless `email` says otherwise. */
export function buildUser(app: TestApp, role: Role = "developer", email?: string): Promise<Schema<"User">> {
  const address = email ?? `u${randomBytes(4).toString("hex")}@test.example`;
  return app.call("inviteUser", { body: { email: address, role } });
}

/** A link for somebody, as if it had been mailed. Answers its secret. */
export async function buildLink(app: TestApp, email: string, purpose: SignInLinkPurpose = "sign_in"): Promise<string> {
  const secret = issueSecret();
  const createdAt = app.clock.now();
  await app.database.transact(async (stores) => {
    const [user] = await stores.users.findUsersByEmail(email);
    if (user === undefined) throw new Error(`nobody has ${email}`);
    await stores.signInLinks.insertSignInLink({
      sha256: secret.sha256,
      organizationId: user.organizationId,
      userId: user.id,
      purpose,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + linkLifetimeMs[purpose]),
      endedAt: null,
      returnTo: null,
    });
  });
  return secret.text;
}

/** Signs somebody in by a link, as the page does. The first admin when `email` is absent. */
export async function signIn(app: TestApp, email: string = app.adminEmail): Promise<TestSession> {
  return readSession(
    await app.answer("createSession", { token: null, body: { linkToken: await buildLink(app, email) } }),
  );
}

/** A signed-in user with this role, and who it is. */
export async function buildSignedIn(
  app: TestApp,
  role: Role,
): Promise<Schema<"User"> & { readonly session: TestSession }> {
  const user = await buildUser(app, role);
  return { ...user, session: await signIn(app, user.email) };
}

/** What a browser and its page keep of the answer to a sign-in. */
export function readSession(answer: TestAnswer): TestSession {
  const { csrfToken } = parseSuccess<"createSession">(answer);
  return { cookie: readSetCookie(answer), csrfToken };
}

/** The cookie that an answer sets, as it is sent back: `name=value`. */
export function readSetCookie({ headers }: TestAnswer): string {
  return headers["set-cookie"]?.split(";")[0] ?? "";
}

/** Every cookie that an answer sets, as it is sent back; one that is cleared has no value. */
export function readSetCookies({ headers }: TestAnswer): readonly string[] {
  return (headers["set-cookie"] ?? "").split(/,(?=[\w-]+=)/).map((cookie) => cookie.split(";")[0] ?? "");
}
