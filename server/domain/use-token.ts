import { isAllowedFrom } from "./allowed-networks.ts";
import { apiTokenTarget, type RequestOrigin } from "./audit-event.ts";
import type { Clock } from "./clock.ts";
import type { DeadTokenAlarm } from "./dead-token-alarm.ts";
import type { IdGenerator, OrganizationId } from "./ids.ts";
import type { LastUseRecorder } from "./last-use-recorder.ts";
import { apiTokenNotice } from "./notify-admins.ts";
import { promoteSecret } from "./promote-secret.ts";
import { recordChange } from "./record-change.ts";
import type { Database } from "./stores.ts";
import type { TokenVerifier } from "./token-verifier.ts";
import { judge, type PresentedSecret, type Verdict } from "./verdict.ts";

/** What accepting a token needs. */
export type TokenUseServices = {
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: IdGenerator;
  readonly verifier: TokenVerifier;
  readonly lastUses: LastUseRecorder;
  readonly deadTokens: DeadTokenAlarm;
};

/** A presented token, and where it came from. */
export type TokenUse = {
  readonly text: string;
  readonly origin: RequestOrigin;
  /** The address the token was presented from, as far as that is known: what its allowed networks are held against. */
  readonly clientIp: string | null;
  /** Only a token of this organization counts; of any when absent. */
  readonly organizationId?: OrganizationId;
  /** Only the token with this id counts, as its bearer claims. */
  readonly apiTokenId?: string;
};

/**
 * Judges a presented token and, when it is live, takes note of the use. The first use of a rotation's new secret makes
 * it the current one, durably, before this resolves: the only write that a verification waits for, but for the note of a
 * token's very first use.
 *
 * @throws when the database cannot tell.
 */
export async function useToken(services: TokenUseServices, use: TokenUse): Promise<Verdict> {
  const found = await services.verifier.verify(use.text);
  if (found.presented !== undefined && isAnother(found.presented, use)) {
    return { active: false, reason: "unknown", presented: undefined };
  }
  if (found.active && !isAllowedFrom(found.presented.token.allowedNetworks, use.clientIp)) {
    return { active: false, reason: "network_not_allowed", presented: found.presented };
  }
  const verdict =
    found.active && found.presented.secret.state === "new"
      ? await promoteByUse(services, found.presented, use.origin)
      : found;
  services.deadTokens.note(verdict, use.origin);
  if (verdict.active)
    await services.lastUses.record(verdict.presented.token, services.clock.now(), use.clientIp ?? use.origin.ip);
  return verdict;
}

function isAnother({ token }: PresentedSecret, { organizationId, apiTokenId }: TokenUse): boolean {
  if (organizationId !== undefined && token.organizationId !== organizationId) return true;
  return apiTokenId !== undefined && token.id !== apiTokenId;
}

/** Judges again inside the transaction: another replica may have promoted, replaced or revoked meanwhile. */
async function promoteByUse(
  services: TokenUseServices,
  presented: PresentedSecret,
  origin: RequestOrigin,
): Promise<Verdict> {
  const { sha256 } = presented.secret;
  return services.database.transact(async (stores) => {
    const now = services.clock.now();
    const [found] = await stores.secrets.findPresented([sha256]);
    const verdict = judge(found, now);
    if (!verdict.active || verdict.presented.secret.state !== "new") return verdict;
    const { token, secret } = verdict.presented;
    await promoteSecret(stores, token, secret, now);
    await recordChange(stores, services, {
      organizationId: token.organizationId,
      actor: { type: "api_token", id: token.id, label: token.label },
      origin,
      action: "api_token.rotated",
      target: apiTokenTarget(token),
      after: { fingerprint: secret.fingerprint },
      notice: apiTokenNotice("api_token_rotated", { ...token, obfuscated: secret.obfuscated }),
    });
    const [promoted] = await stores.secrets.findPresented([sha256]);
    return judge(promoted, now);
  });
}
