import type { IdGenerator, MailId } from "./ids.ts";
import type { IssuedSecret } from "./secret-text.ts";
import { linkLifetimeMs, type SignInLink, signInLinkPath } from "./sign-in.ts";
import type { Stores } from "./stores.ts";
import type { User } from "./user.ts";

/** A link that is to be mailed to a user. */
export type MailedLink = {
  readonly user: User;
  readonly purpose: "sign_in" | "invitation";
  readonly secret: IssuedSecret;
  readonly returnTo: string | null;
  readonly now: Date;
};

/** Makes a one-time link for a user and enqueues the mail with it, in the caller's transaction. */
export async function mailSignInLink(
  stores: Stores,
  { newId }: { readonly newId: IdGenerator },
  { user, purpose, secret, returnTo, now }: MailedLink,
): Promise<void> {
  const { organizationId, id: userId, email, role, invitedBy } = user;
  const expiresAt = new Date(now.getTime() + linkLifetimeMs[purpose]);
  const link: SignInLink = {
    sha256: secret.sha256,
    organizationId,
    userId,
    purpose,
    createdAt: now,
    expiresAt,
    endedAt: null,
    returnTo,
  };
  await stores.signInLinks.insertSignInLink(link);
  const { name: organization } = await stores.organizations.getOrganization(organizationId);
  const facts = { organization, at: now.toISOString(), expiresAt: expiresAt.toISOString() };
  await stores.mail.enqueueMail([
    {
      id: newId<MailId>(),
      organizationId,
      kind: purpose === "invitation" ? "invitation" : "sign_in_link",
      recipient: email,
      facts: purpose === "invitation" ? { ...facts, role, by: invitedBy } : facts,
      oneTimeLink: { path: signInLinkPath(secret.text), expiresAt },
      apiTokenId: null,
      dedupeKey: null,
      createdAt: now,
    },
  ]);
}
