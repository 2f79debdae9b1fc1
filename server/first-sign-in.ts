import type { Clock } from "./domain/clock.ts";
import { createSecretIssuer } from "./domain/secret-text.ts";
import { linkLifetimeMs, signInLinkPath } from "./domain/sign-in.ts";
import type { Database } from "./domain/stores.ts";

/** What making a first sign-in link needs. */
export type FirstSignInServices = {
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly publicUrl: () => string;
};

/**
 * Makes a link that signs the oldest admin in, once, within an hour, unless somebody has signed in before. Links of
 * earlier starts keep working until their hour is over, so that replicas that start together do not take each other's.
 *
 * @returns what to show the operator; empty when there is nothing to show.
 */
export async function inviteToSignIn(
  database: Database,
  { clock, randomBytes, publicUrl }: FirstSignInServices,
): Promise<string> {
  const secret = createSecretIssuer(randomBytes)();
  const createdAt = clock.now();
  return database.transact(async (stores) => {
    const user = await stores.users.findFirstAdmin();
    if (user === undefined) return "";
    await stores.signInLinks.insertSignInLink({
      sha256: secret.sha256,
      organizationId: user.organizationId,
      userId: user.id,
      purpose: "first_sign_in",
      createdAt,
      expiresAt: new Date(createdAt.getTime() + linkLifetimeMs.first_sign_in),
      endedAt: null,
      returnTo: null,
    });
    const link = publicUrl() + signInLinkPath(secret.text);
    return `Nobody has signed in yet. Sign in as ${user.email}, once, within an hour:\n\n  ${link}\n\n`;
  });
}
