import { mailSignInLink } from "../domain/mail-sign-in-link.ts";
import { networkOf } from "../domain/network-address.ts";
import { rateLimited } from "../domain/rate-limiter.ts";
import { normalizeEmail } from "../domain/user.ts";
import type { Operation } from "./operation.ts";

/**
 * Mails a sign-in link to whoever has the address: one per organization. The answer does not wait for it, so that neither
 * its content nor its time tells whether anybody has the address.
 */
export const requestSignInLink: Operation<"requestSignInLink", undefined> = async (services, { body, origin }) => {
  const email = normalizeEmail(body.email);
  for (const [limiter, key] of [
    [services.linkRequests.byAddress, networkOf(origin.ip ?? "")],
    [services.linkRequests.byEmail, email],
  ] as const) {
    const state = limiter.take(key);
    if (state.isExceeded) throw rateLimited(state, "Too many sign-in links were asked for.");
  }
  const users = await services.database.stores.users.findUsersByEmail(email);
  for (const user of users) {
    const link = { user, purpose: "sign_in", secret: services.issueSecret(), now: services.clock.now() } as const;
    const returnTo = body.returnTo ?? null;
    services.work.add(() =>
      services.database.transact((stores) => mailSignInLink(stores, services, { ...link, returnTo })),
    );
  }
  return undefined;
};
