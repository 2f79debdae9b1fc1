import type { RequestOrigin } from "../domain/audit-event.ts";
import type { TokenPrincipal } from "../domain/principal.ts";
import { useToken } from "../domain/use-token.ts";
import { apiTokenSummary, secretSummary } from "./api-token-answer.ts";
import type { Operation, Schema, Services } from "./operation.ts";
import { parsePresentedIp } from "./presented-ip.ts";

/** Tells what a token of the caller's organization is worth. An active answer counts as a use. */
export const verifyApiToken: Operation<"verifyApiToken", TokenPrincipal> = (services, { principal, body, origin }) =>
  verifyPresented(services, principal, body, origin);

/** Tells it of several at once, in their order. */
export const verifyApiTokens: Operation<"verifyApiTokens", TokenPrincipal> = async (
  services,
  { principal, body, origin },
) => ({
  verifications: await Promise.all(
    body.presented.map((presented) => verifyPresented(services, principal, presented, origin)),
  ),
});

async function verifyPresented(
  services: Services,
  { organizationId }: TokenPrincipal,
  { token: text, ip }: Schema<"VerifyApiTokenRequest">,
  origin: RequestOrigin,
): Promise<Schema<"Verification">> {
  const verdict = await useToken(services, { text, origin, clientIp: parsePresentedIp(ip), organizationId });
  const { presented } = verdict;
  const now = services.clock.now();
  return {
    active: verdict.active,
    reason: verdict.active ? null : verdict.reason,
    apiToken: presented === undefined ? null : apiTokenSummary(presented, now),
    secret: presented === undefined ? null : secretSummary(presented),
  };
}
