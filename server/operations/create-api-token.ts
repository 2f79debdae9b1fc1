import {
  type ApiToken,
  type ApiTokenSecret,
  destinationInUse,
  type ListedApiToken,
  labelInUse,
  pendingLifetimeMs,
  statusAt,
} from "../domain/api-token.ts";
import { apiTokenFields, apiTokenTarget } from "../domain/audit-event.ts";
import { parseExpiry } from "../domain/expiry.ts";
import type { ApiTokenId } from "../domain/ids.ts";
import { apiTokenNotice } from "../domain/notify-admins.ts";
import { expiryOfCreation, requireGenerator, requireRole } from "../domain/organization-policy.ts";
import { type AdminPrincipal, by } from "../domain/principal.ts";
import { recordChange } from "../domain/record-change.ts";
import type { Stores } from "../domain/stores.ts";
import type { IssuedToken } from "../domain/token-text.ts";
import { apiTokenAnswer } from "./api-token-answer.ts";
import { findNamesake } from "./namesake.ts";
import type { Operation, Schema } from "./operation.ts";

type Request = Schema<"CreateApiTokenRequest">;

/** Generates a token, or a fresh secret for the pending one that the same request generated before. */
export const createApiToken: Operation<"createApiToken", AdminPrincipal> = async (services, call) => {
  const { principal, body } = call;
  const now = services.clock.now();
  const requestedExpiry = parseExpiry(body, now);
  const issued = services.issueToken();
  const { organizationId, email } = principal;
  const pendingUntil = body.activation === "deferred" ? new Date(now.getTime() + pendingLifetimeMs) : null;

  return services.database.transact(async (stores) => {
    const policy = await stores.organizations.getPolicy(organizationId);
    requireGenerator(policy, principal);
    requireRole(policy, body.role);
    const expiresAt = expiryOfCreation(policy, requestedExpiry, now);
    const repeated = await findRepeated(stores, principal, body, now);
    const token: ApiToken = {
      id: repeated?.id ?? services.newId<ApiTokenId>(),
      organizationId,
      label: body.label,
      description: body.description ?? null,
      role: body.role,
      createdAt: repeated?.createdAt ?? now,
      createdBy: repeated?.createdBy ?? email,
      pendingUntil,
      expiresAt,
      rotatedAt: null,
      revokedAt: null,
      lastUsedAt: null,
      lastUsedIp: null,
      destination: body.destination ?? null,
      managedBy: body.managedBy ?? null,
    };
    const namesake = await findNamesake(stores, token, now);
    if (namesake !== undefined && policy.duplicateLabels === "refuse") throw labelInUse(namesake.id);
    if (repeated === undefined) {
      await stores.apiTokens.insertApiToken(token);
      if (token.destination !== null) {
        await stores.destinations.claim(organizationId, token.destination, token.id, now);
      }
    } else {
      const { description } = token;
      await stores.apiTokens.updateApiToken(organizationId, token.id, { pendingUntil, expiresAt, description });
      await stores.secrets.retireCurrentSecret(organizationId, token.id, null);
    }
    await stores.secrets.insertSecret(firstSecret(token, issued, now));
    const { obfuscated, fingerprint } = issued;
    await recordChange(stores, services, {
      ...by(call),
      action: repeated === undefined ? "api_token.created" : "api_token.reissued",
      target: apiTokenTarget(token),
      after: apiTokenFields({ ...token, fingerprint }),
      // One that waits for its activation is worth nothing yet: admins are told when it is activated.
      ...(pendingUntil === null ? { notice: apiTokenNotice("api_token_generated", { ...token, obfuscated }) } : {}),
    });
    const answer = apiTokenAnswer({ ...token, obfuscated, fingerprint, newFingerprint: null }, now);
    return { ...answer, token: issued.text, warnings: namesake === undefined ? [] : [labelWarning] };
  });
};

/**
 * The pending token that this request repeats.
 * @throws ProblemError `destination_in_use` when another live token has the destination.
 */
async function findRepeated(
  stores: Stores,
  { organizationId }: AdminPrincipal,
  body: Request,
  now: Date,
): Promise<ListedApiToken | undefined> {
  if (body.destination === undefined) return undefined;
  const claimant = await stores.destinations.findClaimant(organizationId, body.destination, now);
  if (claimant === undefined) return undefined;
  const token = await stores.apiTokens.findApiToken(organizationId, claimant, now);
  if (token !== undefined && body.activation === "deferred" && isRepetition(token, body, now)) return token;
  throw destinationInUse(claimant);
}

function isRepetition(token: ListedApiToken, body: Request, now: Date): boolean {
  return (
    statusAt(token, now) === "pending" &&
    token.label === body.label &&
    token.role === body.role &&
    token.managedBy === (body.managedBy ?? null)
  );
}

function firstSecret(token: ApiToken, issued: IssuedToken, now: Date): ApiTokenSecret {
  return {
    sha256: issued.sha256,
    fingerprint: issued.fingerprint,
    obfuscated: issued.obfuscated,
    organizationId: token.organizationId,
    apiTokenId: token.id,
    state: "current",
    createdAt: now,
    diesAt: null,
    rotation: null,
  };
}

const labelWarning: Schema<"Warning"> = {
  code: "label_in_use",
  message: "Another live token has this label. A label of its own tells them apart in lists, logs and e-mails.",
};
