import type { TokenPrincipal } from "../domain/principal.ts";
import { useToken } from "../domain/use-token.ts";
import { apiTokenSummary, secretSummary } from "./api-token-answer.ts";
import type { Operation } from "./operation.ts";
import { parsePresentedIp } from "./presented-ip.ts";

/** Tells what a token of the caller's organization is worth. An active answer counts as a use. */
export const verifyApiToken: Operation<"verifyApiToken", TokenPrincipal> = async (
  services,
  { principal, body, origin },
) => {
  const verdict = await useToken(services, {
    text: body.token,
    origin,
    clientIp: parsePresentedIp(body.ip),
    organizationId: principal.organizationId,
  });
  const { presented } = verdict;
  const now = services.clock.now();
  return {
    active: verdict.active,
    reason: verdict.active ? null : verdict.reason,
    apiToken: presented === undefined ? null : apiTokenSummary(presented, now),
    secret: presented === undefined ? null : secretSummary(presented),
  };
};
